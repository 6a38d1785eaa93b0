"""FER+ folders, YOLO's layout, the original CK+ and KDEF on small samples of their real layouts, bad rows included."""

import pytest

from fer_core.datasets.assembling.decode import Target, decode_table
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import Classes
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_ckplus_original, write_ferplus, write_kdef, write_yolo


def test_ferplus_folders_are_read_as_most_people_voted_with_their_votes(tmp_path):
    reading = read_source("auto", write_ferplus(tmp_path))
    assert reading.source == "ferplus"
    assert reading.table["expression"].tolist()[:7] == [
        "neutral", "happy", "surprise", "sad", "angry", "disgust", "fear",
    ]  # fmt: skip
    assert reading.table["usage"].value_counts().to_dict() == {"train": 7, "val": 7, "test": 7}
    assert reading.left_out == {"contempt": 3, "unknown": 3, "nf": 3, "two answers lead the votes": 3}
    assert reading.table["vote_majority"].tolist() == reading.table["expression"].tolist()
    shares = reading.table[[f"votes_{name}" for name in EXPRESSIONS]].to_numpy()
    assert shares.sum(1) == pytest.approx(1)
    assert reading.table.loc[0, "votes_neutral"] == pytest.approx(5 / 10)
    assert reading.problems == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('fer9.png,"(0, 0, 48, 48)",1,2', "expected an image, a box and ten votes"),
        ('fer9.png,"(0, 0, 48)",1,0,0,0,0,0,0,0,0,0', "expected an image, a box and ten votes"),
        ('fer9.png,"(0, 0, 0, 48)",1,0,0,0,0,0,0,0,0,0', "its box 0,0,0,48 is empty"),
        ('fer9.png,"(0, 0, 48, 48)",0,0,0,0,0,0,0,0,0,0', "are not counts"),
        ('fer9.png,"(0, 0, 48, 48)",x,0,0,0,0,0,0,0,0,0', "expected an image, a box and ten votes"),
        ('fer9.png,"(0, 0, 48, 48)",1,0,0,0,0,0,0,0,0,0', "there is no image FER2013Train/fer9.png"),
    ],
)
def test_a_bad_line_of_ferplus_is_a_problem_and_the_others_are_read(tmp_path, line, message):
    reading = read_source("auto", write_ferplus(tmp_path, line + "\n"))
    assert len(reading.table) == 21
    assert len(reading.problems) == 3
    assert reading.problems[1].origin == "FER2013Train/label.csv line 12"
    assert message in reading.problems[1].message


@pytest.mark.parametrize("by_split", [True, False])
@pytest.mark.parametrize(
    "names",
    [
        "names: ['angry', 'happy']\n", "names: [\n  angry,\n  happy]\n", "names:\n- angry\n- happy\n",
        "names:\n  0: angry\n  1: happy\n", 'names: {0: "angry", 1: "happy"}\n',
    ],
)  # fmt: skip
def test_each_box_of_yolo_is_a_face(tmp_path, by_split, names):
    reading = read_source("auto", write_yolo(tmp_path, by_split, names))
    assert (reading.source, reading.notes) == ("yolo", ["class numbers are read by data.yaml"])
    assert reading.table["expression"].tolist() == ["happy", "angry"] * 2
    assert reading.table["usage"].tolist() == ["train"] * 2 + ["val"] * 2
    assert (reading.left_out, reading.problems) == ({"a photograph without a box": 2}, [])
    (chunk,) = decode_table(reading.root, reading.table, Target(48))
    assert chunk.side_px == [40] * 4
    assert chunk.measures[0, 0] > chunk.measures[1, 0] > 0


def test_without_names_the_numbers_of_yolo_are_refused_until_a_person_says_what_they_mean(tmp_path):
    root = write_yolo(tmp_path, True, "")
    with pytest.raises(InputError, match=r"has no data.yaml or classes.txt .*--meaning numbers=ORDER"):
        read_source("auto", root)
    said = read_source("auto", root, Classes((("0", "sad"), ("1", "fear"))))
    assert said.table["expression"].tolist()[:2] == ["fear", "sad"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1 0.3 0.4 0.2", "expected a class and four numbers, got 4 fields"),
        ("1 0.3 0.4 0.2 x", "expected a class and four numbers, got '1"),
        ("1 0.3 0.4 0 0.2", "is empty"),
        ("1 60 40 40 40", "is not relative to the photograph"),
        ("1 nan 0.4 0.2 0.2", "is empty"),
        ("5 0.3 0.4 0.2 0.2", "unknown class '5'"),
    ],
)
def test_a_bad_line_of_yolo_is_a_problem_and_the_others_are_read(tmp_path, line, message):
    root = write_yolo(tmp_path, True)
    file = root / "train" / "labels" / "party.txt"
    file.write_text(file.read_text() + line + "\n")
    reading = read_source("auto", root)
    assert len(reading.table) == 4
    (problem,) = reading.problems
    assert problem.origin == "train/labels/party.txt line 3"
    assert message in problem.message


def test_the_original_ckplus_gives_the_last_three_frames_of_labelled_sequences(tmp_path):
    reading = read_source("auto", write_ckplus_original(tmp_path / "CK+"))
    assert (reading.source, reading.problems) == ("ckplus", [])
    assert reading.table[["expression", "subject"]].values.tolist() == [["disgust", "S005"]] * 3
    assert reading.table["origin"].iloc[0].endswith("S005_001_00000003.png")
    assert reading.left_out == {
        "contempt": 2, "a frame before the last three of its sequence": 2, "a sequence without an emotion file": 4,
    }  # fmt: skip


@pytest.mark.parametrize("text", ["9.0", "happy", "", "1.5"])
def test_an_emotion_file_that_says_none_is_a_problem(tmp_path, text):
    root = write_ckplus_original(tmp_path)
    (root / "Emotion" / "S005" / "001" / "S005_001_00000005_emotion.txt").write_text(text)
    reading = read_source("auto", root)
    assert [problem.message for problem in reading.problems] == [f"expected an emotion from 0 to 7, got {text!r}"]


def test_an_emotion_of_a_sequence_that_is_not_there_is_a_problem(tmp_path):
    root = write_ckplus_original(tmp_path)
    (root / "cohn-kanade-images" / "S005").rename(tmp_path / "elsewhere")
    assert "there are no images of this sequence" in read_source("ckplus", root).problems[0].message


@pytest.mark.parametrize("by_person", [True, False])
def test_kdef_has_subject_expression_and_angle_in_its_names(tmp_path, by_person):
    root = write_kdef(tmp_path / "KDEF", by_person)
    (root / "AF01XXS.jpg").write_bytes(next(root.rglob("AF01ANS.jpg")).read_bytes())
    found = inspect_source(tmp_path)
    assert (found.source, found.n, found.n_subjects) == ("kdef", 5, 2)
    assert {name: n for name, n in found.counts.items() if n} == {
        "angry": 1, "fear": 1, "happy": 1, "surprise": 1, "neutral": 1,
    }  # fmt: skip
    assert found.notes == ("angles: straight 3, half left 1, half right 0, full left 0, full right 1",)
    (problem,) = found.problems
    assert problem.message == "its name is not like AF01ANS.JPG: subject, expression, angle"
