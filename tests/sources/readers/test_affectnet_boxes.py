"""AffectNet's 2017 form: the face is cut out of the photograph by the box in the CSV."""

import numpy as np
import pytest
from PIL import Image

from fer_core.datasets.assembling.decode import Target, decode_table
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.sources.readers import read_source

HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"


def write_photo(root):
    """200 x 100 px, black but for a white square of 40 px at (120, 30)."""
    photo = np.zeros((100, 200), np.uint8)
    photo[30:70, 120:160] = 255
    folder = root / "Manually_Annotated_Images" / "1"
    folder.mkdir(parents=True)
    Image.fromarray(photo).save(folder / "p.png")


def write_row(root, box, label="1", header=HEADER):
    write_photo(root)
    (root / "training.csv").write_text(f"{header}1/p.png,{box},1;2,{label},0.1,0.2\n")
    return root


@pytest.mark.parametrize("box", ["120,30,40,40", "120.0,30.0,40.0,40.0"])
def test_the_box_is_cut_out_of_the_photograph(tmp_path, box):
    reading = read_source("auto", write_row(tmp_path, box))
    (chunk,) = decode_table(reading.root, reading.table, Target(48))
    assert chunk.side_px == [40]
    assert chunk.measures[0, 0] == pytest.approx(chunk.measures[0].max())
    assert reading.table["box"].tolist() == ["120,30,160,70"]
    assert reading.unused == ["facial_landmarks", "valence", "arousal"]


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ("nan,30,40,40", "is not four numbers"),
        (",,,", "is not four numbers"),
        ("120,30,0,40", "its box is empty: 0 x 40 px"),
        ("120,30,40,-5", "its box is empty: 40 x -5 px"),
        ("500,30,40,40", "lies outside the image of 200 x 100 px"),
        ("134,34,899,899", "lies mostly outside the image of 200 x 100 px"),
    ],
)
def test_a_box_that_shows_no_face_is_a_problem(tmp_path, box, message):
    (problem,) = inspect_source(write_row(tmp_path, box)).problems
    assert message in problem.message


def test_two_faces_of_one_photograph_are_two(tmp_path):
    write_photo(tmp_path)
    rows = "1/p.png,120,30,40,40,1,1,0,0\n1/p.png,0,0,50,50,1,2,0,0\n1/p.png,0,0,50,50,1,2,0,0\n"
    (tmp_path / "training.csv").write_text(HEADER + rows)
    reading = read_source("auto", tmp_path)
    assert reading.table["expression"].tolist() == ["happy", "sad"]
    assert reading.left_out == {"a repeated row": 1}


def test_without_columns_of_a_box_the_whole_image_is_the_face_and_that_is_told(tmp_path):
    write_photo(tmp_path)
    (tmp_path / "training.csv").write_text("subDirectory_filePath,expression\n1/p.png,1\n")
    reading = read_source("auto", tmp_path)
    assert "training.csv has no face_x, face_y, face_width, face_height" in reading.notes[0]
    assert reading.table["origin"].tolist() == ["Manually_Annotated_Images/1/p.png"]


@pytest.mark.parametrize(("label", "expected"), [("3.0", "surprise"), ("3", "surprise"), ("0.0", "neutral")])
def test_a_label_that_pandas_saved_is_a_number(tmp_path, label, expected):
    assert read_source("auto", write_row(tmp_path, "120,30,40,40", label)).table["expression"].tolist() == [expected]


@pytest.mark.parametrize("label", ["", "nan", "None", "NaN"])
def test_an_empty_label_is_a_problem_and_not_affectnets_class_none(tmp_path, label):
    reading = read_source("auto", write_row(tmp_path, "120,30,40,40", label))
    assert [problem.message for problem in reading.problems] == [f"it has no label, only {label!r}"]
    assert not reading.left_out


def test_an_index_column_and_labels_outside_the_seven_do_not_matter(tmp_path):
    write_photo(tmp_path)
    (tmp_path / "training.csv").write_text("," + HEADER + "0,1/p.png,120,30,40,40,1,9.0,0,0\n")
    assert read_source("auto", tmp_path).left_out == {"uncertain": 1}
