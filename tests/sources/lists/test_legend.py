import json

import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import ORDERS, Classes, check_numbers
from fer_core.sources.lists.legend import name_numbers, read_legend
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_fer2013

NUMBERED = dict(enumerate(EXPRESSIONS))
LEGENDS = [
    pytest.param("legend.csv", "".join(f"{i},{n}\n" for i, n in NUMBERED.items()), id="number,name"),
    pytest.param("legend.csv", "".join(f"{n},{i}\n" for i, n in NUMBERED.items()), id="name,number"),
    pytest.param("legend.csv", "name,number\n" + "".join(f"{n},{i}\n" for i, n in NUMBERED.items()), id="header"),
    pytest.param("legend.csv", "".join(f'"{i}","{n}"\r\n' for i, n in NUMBERED.items()), id="quoted"),
    pytest.param(
        "legend.txt", "# order\n\n" + "".join(f"{n} = {i}\n" for i, n in NUMBERED.items()), id="name = number"
    ),
    pytest.param("legend.txt", "".join(f"{i}: {n}\n" for i, n in NUMBERED.items()), id="number: name"),
    pytest.param("legend.txt", "".join(f"{n}\t{i}\n" for i, n in NUMBERED.items()), id="tab"),
    pytest.param("legend.txt", "".join(f"{i}.0 {n}\n" for i, n in NUMBERED.items()), id="0.0 angry"),
    pytest.param("classes.txt", "\n".join(EXPRESSIONS), id="names alone"),
    pytest.param("legend.txt", ", ".join(f"{i}={n}" for i, n in NUMBERED.items()), id="one line"),
    pytest.param("legend.txt", "; ".join(f"{n}: {i}" for i, n in NUMBERED.items()), id="one line, name first"),
    pytest.param("legend.json", json.dumps(NUMBERED), id="json by number"),
    pytest.param("classes.json", json.dumps({n: i for i, n in NUMBERED.items()}), id="json by name"),
    pytest.param("classes.json", json.dumps(EXPRESSIONS), id="json list"),
]


@pytest.mark.parametrize(("name", "text"), LEGENDS)
def test_a_legend_gives_each_number_the_name_on_its_own_line(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_legend(tmp_path).names == NUMBERED


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("legend.csv", "0,angry\nhappy\n2,sad\n", r"legend.csv line 2 \('happy'\) is not a line such as 0,angry"),
        ("legend.csv", "0,angry\n1 2\n", "line 2"),
        ("legend.txt", "emotion\nangry\ndisgust\n", r"line 1 \('emotion'\)"),
        ("legend.csv", "number,name\n", "has no line such as 0,angry"),
        ("legend.json", "{", "is not valid JSON"),
        ("legend.csv", "0;angry;10\n1;disgust;12\n", r"line 1 \('0;angry;10'\)"),
        ("legend.json", '{"a": "b"}', "does not have the form"),
        *(("classes.json", text, "does not have the form") for text in ("5", "null", "true", '"angry"', '[["angry"]]')),
        ("legend.csv", "0,angry\n0,sad\n", "calls 0 both angry and sad"),
    ],
)
def test_a_line_of_a_legend_that_is_not_understood_is_refused_by_file_and_line(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message):
        read_legend(tmp_path)


@pytest.mark.parametrize("column", ["label (3=happy, 4=sad)", "label (happy=3 sad=4)", "label (3 happy; 4 sad)"])
def test_a_column_may_say_itself_what_its_numbers_are(tmp_path, column):
    assert read_legend(tmp_path, column).names == {3: "happy", 4: "sad"}


def test_a_legend_that_covers_a_part_of_the_numbers_is_refused_for_the_rest(tmp_path):
    (tmp_path / "legend.csv").write_text("0,angry\n1,disgust\n")
    with pytest.raises(InputError, match=r"has the labels 2, 3, whose meaning legend.csv does not give"):
        name_numbers(["0", "2", "3", "1"], "label", tmp_path / "list.csv", Classes())
    said = Classes((("2", "fear"), ("3", "happy")))
    assert name_numbers(["0", "2", "3"], "label", tmp_path / "list.csv", said)[3] == "happy"


def test_two_legends_that_differ_are_refused_and_a_file_that_is_none_does_not_matter(tmp_path):
    (tmp_path / "legend.csv").write_text("0,angry\n1,disgust\n")
    (tmp_path / "classes.txt").write_text("anger\ndisgust\n")
    assert read_legend(tmp_path).where == "legend.csv"
    (tmp_path / "classes.txt").write_text("cars and\nhouses!\n")
    assert read_legend(tmp_path).where == "legend.csv"
    (tmp_path / "classes.txt").write_text("neutral\nhappy\n")
    with pytest.raises(InputError, match=r"legend\.csv calls 0 angry, but classes\.txt calls it neutral"):
        read_legend(tmp_path)


def test_names_without_numbers_are_refused_where_the_labels_may_count_from_1(tmp_path):
    (tmp_path / "classes.txt").write_text("\n".join(EXPRESSIONS))
    with pytest.raises(InputError, match="from 0 to 6 or from 1 to 7"):
        name_numbers([str(i) for i in range(1, 7)], "label", tmp_path / "list.csv", Classes())


def test_a_known_order_wins_over_a_legend_of_another_set_and_a_note_says_so(tmp_path):
    (tmp_path / "legend.csv").write_text("".join(f"{i},{n}\n" for i, n in ORDERS["rafdb"].items()))
    notes = []
    assert name_numbers(["0"], "emotion", tmp_path / "x.csv", Classes(), "fer2013", notes) == NUMBERED
    assert notes == ["numbers are read in fer2013's order; legend.csv beside it is not used"]
    assert name_numbers(["1"], "emotion", tmp_path / "x.csv", Classes(order="rafdb"), "fer2013") == ORDERS["rafdb"]


@pytest.mark.parametrize(
    ("order", "numbers", "is_sure"),
    [
        ("fer2013", range(7), True),
        ("fer2013", [0, 3], True),
        ("fer2013", range(1, 7), False),
        ("fer2013", range(1, 8), False),
        ("fer2013", range(8), False),
        ("rafdb", range(1, 8), True),
        ("rafdb", range(7), False),
        ("rafdb", range(1, 7), False),
    ],
)
def test_numbers_that_may_count_from_another_base_are_refused(order, numbers, is_sure):
    if is_sure:
        check_numbers(numbers, ORDERS[order], "x.csv")
        return
    with pytest.raises(InputError, match=r"x.csv has the numbers .* --meaning numbers="):
        check_numbers(numbers, ORDERS[order], "x.csv")


@pytest.mark.parametrize("classes", [sorted(EXPRESSIONS), ["neutral", *EXPRESSIONS[:6]]], ids=["alphabetical", "other"])
def test_a_file_named_fer2013_keeps_its_order_beside_another_sets_classes_and_says_so(tmp_path, classes):
    path = write_fer2013(tmp_path, 3)
    expected = read_source("auto", path).table["expression"].tolist()
    (tmp_path / "classes.txt").write_text("".join(f"{i} {name}\n" for i, name in enumerate(classes)))
    reading = read_source("auto", path)
    assert reading.table["expression"].tolist() == expected
    assert any("classes.txt beside it is not used" in note for note in reading.notes)


def test_a_file_named_fer2013_is_read_with_splits_called_train_val_and_test(tmp_path):
    path = write_fer2013(tmp_path, 3)
    for name, split in (("Training", "train"), ("PublicTest", "val"), ("PrivateTest", "test")):
        path.write_text(path.read_text().replace(name, split))
    assert read_source("auto", path).table["usage"].value_counts().to_dict() == {"train": 7, "val": 7, "test": 7}
