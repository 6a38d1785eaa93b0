"""Files of pseudo-labels in the forms that people have them; numbers are never taken for what they may not mean."""

import pytest

from fer_core.datasets.corrections.log import open_log
from fer_core.errors import InputError
from fer_core.review.pseudo import read_pseudo_labels
from tests.helpers.samples import make_dataset


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


def read(dataset, folder, text, threshold=0.0, encoding="utf-8"):
    path = folder / "pseudo.csv"
    path.write_bytes(text.encode(encoding))
    return read_pseudo_labels(dataset, open_log(dataset.name), path, threshold, "ann")


def changes(found):
    return [(c.face_id, c.expression) for c in found.corrections]


HAPPY = [("fer2013:row 1", "happy")]  # angry until now


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("face_id,label\nfer2013:row 1,happy\n", id="face_id"),
        pytest.param("image,emotion\nrow 1,happy\n", id="image and emotion"),
        pytest.param("Filename;Expression\r\nrow 1;Happiness\r\n", id="semicolons"),
        pytest.param("path\tclass\nrow 1\thappy\n", id="tabs"),
        pytest.param("file_name,label\r./row 1,happy\r", id="old line ends and a leading ./"),
        pytest.param("path,label (fer2013)\nrow 1,3\n", id="numbers in an order that the column names"),
        pytest.param("path,emotion (0=sad 3=happy)\nrow 1,3.0\n", id="numbers that the column names"),
        pytest.param("path,label,expression\nrow 1,3,happy\n", id="names beside numbers"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_usual_columns_separators_and_encodings_are_read(tiny, tmp_path, text, encoding):
    assert changes(read(tiny, tmp_path, text, encoding=encoding)) == HAPPY


def test_numbers_are_named_by_a_legend_beside_the_file_and_the_legend_is_said(tiny, tmp_path):
    (tmp_path / "legend.csv").write_text("0,neutral\n1,happy\n")
    found = read(tiny, tmp_path, "path,label\nrow 1,1\n")
    assert changes(found) == HAPPY
    assert found.notes == ("numbers in label: 0 neutral, 1 happy",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("path,label\nrow 1,3\n", r"row 1: the label '3' is a number.*legend.csv.*\(fer2013\)", id="alone"),
        pytest.param("path,label\nrow 2,sad\nrow 1,3\n", "row 2: the label '3' is a number", id="among names"),
        pytest.param("path,label (fer2013)\nrow 1,7\n", "'7' is not a class.*no line in the legend", id="out of range"),
        pytest.param("path,label\nrow 1,hapy\n", "row 1: 'hapy' is not a class of expressions", id="misspelt"),
        pytest.param("path,label,emotion\nrow 1,sad,happy\n", "label and emotion, which differ", id="two columns"),
        pytest.param("name,label\nrow 1,sad\n", "for the faces it needs one of face_id, path", id="no face column"),
        pytest.param("path,emo\nrow 1,sad\n", "for the labels it needs one of label, emotion", id="no label column"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused_with_the_way_on(tiny, tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read(tiny, tmp_path, text)


def test_contempt_is_outside_the_seven_and_a_missing_label_is_none_of_them(tiny, tmp_path):
    found = read(tiny, tmp_path, "path,label\nrow 1,contempt\nrow 2,\nrow 3,happy\n")
    assert (found.n_outside, len(found.corrections)) == (2, 1)


def test_a_confidence_may_have_a_decimal_comma(tiny, tmp_path):
    found = read(tiny, tmp_path, "path;label;score\nrow 1;happy;0,9\nrow 2;happy;0,2\n", threshold=0.5)
    assert (changes(found), found.n_unsure) == (HAPPY, 1)


def test_one_face_under_two_labels_is_refused_with_both_rows(tiny, tmp_path):
    text = "path,label\nrow 1,happy\nrow 2,sad\nfer2013:row 1,fear\n"
    with pytest.raises(InputError, match="labels one face happy in row 1 and fear in row 3"):
        read(tiny, tmp_path, text)
    assert changes(read(tiny, tmp_path, text.replace("fear", "Happiness")))[:1] == HAPPY
