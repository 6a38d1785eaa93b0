"""Each reader on a small sample of its real layout, bad rows included."""

import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.sources.readers import read_source, recognise
from fer_core.sources.records import Problem
from tests.helpers.samples import USAGES, write_affectnet, write_ckplus, write_fer2013, write_image

PIXELS = " ".join(["7"] * 2304)
BAD_ROWS = [
    pytest.param(f"0,{PIXELS[:-2]},Training", "expected 2304 pixels (48x48), got 2303", id="a pixel too few"),
    pytest.param(f"0,{PIXELS} 7,Training", "expected 2304 pixels (48x48), got 2305", id="a pixel too many"),
    pytest.param(f"0,{PIXELS[:-1]}256,Training", "a pixel is not a whole number from 0 to 255", id="256"),
    pytest.param(f"0,{PIXELS[:-1]}-1,Training", "a pixel is not a whole number from 0 to 255", id="negative"),
    pytest.param(f"0,{PIXELS[:-1]}x,Training", "a pixel is not a whole number from 0 to 255", id="a letter"),
    pytest.param(f"7,{PIXELS},Training", "emotion must be 0 to 6, got '7'", id="emotion 7"),
    pytest.param(f"0,{PIXELS},Holiday", "Usage must be Training, PublicTest or PrivateTest", id="unknown usage"),
    pytest.param(f"0,{PIXELS[:900]}", "expected 3 columns, got 2", id="cut off in the middle"),
]


@pytest.mark.parametrize(("row", "message"), BAD_ROWS)
def test_a_bad_row_of_fer2013_is_told_by_its_number_and_the_others_are_read(tmp_path, row, message):
    reading = read_source("auto", write_fer2013(tmp_path, 1, bad=[row]))
    assert len(reading.table) == 7
    (problem,) = reading.problems
    assert problem.origin == "row 8"
    assert message in problem.message


@pytest.mark.parametrize(
    "header", ["emotion,pixels,Usage", "emotion, Usage, pixels"], ids=["fer2013.csv", "icml_face_data.csv"]
)
def test_fer2013_is_read_to_the_pixel(tmp_path, header):
    path = write_fer2013(tmp_path, 3, header=header)
    reading = read_source("fer2013", path)
    at = [name.strip() for name in header.split(",")].index("pixels")
    wanted = [line.split(",")[at].split() for line in path.read_text().splitlines()[1:]]
    assert np.array_equal(reading.pixels.reshape(21, -1), np.array(wanted, dtype=int))
    assert reading.table["expression"].tolist()[:7] == [
        "angry",
        "disgust",
        "fear",
        "happy",
        "sad",
        "surprise",
        "neutral",
    ]
    assert reading.table["usage"].value_counts().to_dict() == {"train": 7, "val": 7, "test": 7}


def test_quoted_fields_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "fer2013.csv"
    path.write_bytes(f'emotion,pixels,Usage\r\n0,"{PIXELS}",Training\r\n'.encode())
    reading = read_source("auto", path)
    assert not reading.problems
    assert reading.table["expression"].tolist() == ["angry"]  # a file with 3 alone may count from 1


def test_the_votes_of_fer_plus_come_along_by_row_number_where_length_and_usage_agree(tmp_path):
    path = write_fer2013(tmp_path, 1, bad=BAD_ROWS[0].values[:1])
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    lines = ["Training,a.png,0,0,0,3,0,0,1,6,0,0", "Training,b.png,0,0,0,0,0,0,0,0,0,10"] + [
        f"{USAGES[0]},c.png,1" + ",0" * 9
    ] * 6
    (tmp_path / "fer2013new.csv").write_text("\n".join([header, *lines]) + "\n")
    reading = read_source("auto", path)
    assert "FER+ votes" in reading.layout
    table = reading.table
    assert table.loc[0, ["votes_sad", "votes_fear", "votes_angry"]].tolist() == [0.75, 0.25, 0]
    assert table.filter(like="votes_").loc[1].isna().all()
    assert (table.loc[2:, "votes_neutral"] == 1).all()
    assert reading.notes[-1] == "6 faces with votes of several people (FER+)"


def test_a_file_of_votes_that_is_too_short_is_refused(tmp_path):
    header = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
    (tmp_path / "fer2013new.csv").write_text(header + "\n")
    with pytest.raises(InputError, match="has 0 rows but there are 7"):
        read_source("auto", write_fer2013(tmp_path, 1))


def test_the_folder_form_of_fer2013_keeps_train_and_test(tmp_path):
    for split in ("train", "test"):
        for label in ("angry", "happy"):
            write_image(tmp_path / split / label / f"{'Training' if split == 'train' else 'PrivateTest'}_123.jpg")
    reading = read_source("auto", tmp_path)
    assert reading.source == "fer2013"
    assert sorted(reading.table["usage"]) == ["test", "test", "train", "train"]


def test_ckplus_knows_its_subjects_and_counts_contempt(tmp_path):
    reading = read_source("auto", write_ckplus(tmp_path))
    assert reading.source == "ckplus"
    assert reading.table.groupby("expression")["subject"].first().to_dict() == {
        "angry": "S010", "happy": "S010", "sad": "S011",
    }  # fmt: skip
    assert reading.left_out == {"contempt": 3}


def test_in_affectnet_the_label_wins_over_the_folder(tmp_path):
    reading = read_source("auto", write_affectnet(tmp_path))
    assert reading.source == "affectnet"
    assert reading.table.set_index("origin")["expression"]["happy/image0000002.jpg"] == "sad"
    assert reading.left_out == {"contempt": 1}
    assert reading.notes == ["1 image in another class's folder; labels.csv takes precedence"]


def test_an_image_that_labels_csv_names_and_is_not_there_is_a_problem(tmp_path):
    root = write_affectnet(tmp_path)
    (root / "neutral" / "image0000004.jpg").unlink()
    (problem,) = read_source("affectnet", root).problems
    assert problem.origin == "labels.csv row 5"
    assert "there is no image neutral/image0000004.jpg" in problem.message


def test_the_official_form_of_affectnet_leaves_out_none_and_no_face(tmp_path):
    write_image(tmp_path / "Manually_Annotated_Images" / "1" / "a.jpg")
    write_image(tmp_path / "Manually_Annotated_Images" / "1" / "b.jpg")
    lines = "subDirectory_filePath,face_x,expression\n1/a.jpg,0,1\n1/b.jpg,0,10\n1/c.jpg,0,3\n"
    (tmp_path / "training.csv").write_text(lines)
    reading = read_source("auto", tmp_path)
    assert reading.table[["expression", "usage"]].values.tolist() == [["happy", "train"]]
    assert sum(reading.left_out.values()) == 1
    assert [problem.origin for problem in reading.problems] == ["training.csv row 3"]


def test_the_2021_form_of_affectnet_reads_its_annotations(tmp_path):
    for name, code in (("1", 4), ("2", 7)):
        write_image(tmp_path / "val_set" / "images" / f"{name}.jpg")
        (tmp_path / "val_set" / "annotations").mkdir(exist_ok=True)
        np.save(tmp_path / "val_set" / "annotations" / f"{name}_exp.npy", np.array(str(code)))
    write_image(tmp_path / "val_set" / "images" / "3.jpg")
    reading = read_source("auto", tmp_path)
    assert reading.table[["expression", "usage"]].values.tolist() == [["fear", "val"]]
    assert reading.left_out == {"contempt": 1}
    assert "3_exp.npy cannot be read" in reading.problems[0].message


def test_a_folder_of_class_folders_reads_under_any_spelling(tmp_path):
    write_image(tmp_path / "Happiness" / "a.png")
    write_image(tmp_path / "anger" / "b.png")
    write_image(tmp_path / "holiday" / "c.png")
    reading = read_source("auto", tmp_path)
    assert sorted(reading.table["expression"]) == ["angry", "happy"]
    hint = "say what it means with --meaning holiday=EXPRESSION, or =leave-out"
    assert reading.problems == [Problem("holiday/c.png", f"'holiday' is not a known class: {hint}")]
    assert reading.unknown == {"holiday": 1}


def test_a_csv_of_paths_reads_and_refuses_what_leads_outside(tmp_path):
    write_image(tmp_path / "data" / "a.png")
    write_image(tmp_path / "secret.png")
    rows = "a.png,joy,anna,train\na.png,contempt,,\n../secret.png,sad,,\nb.png,sad,,\na.png,holiday,,\n"
    (tmp_path / "data" / "list.csv").write_text("path,label,subject,split\n" + rows)
    reading = read_source("auto", tmp_path / "data" / "list.csv")
    assert reading.table.values.tolist() == [["a.png", "happy", "anna", "train"]]
    assert reading.left_out == {"contempt": 1}
    told = [problem.message for problem in reading.problems]
    assert told == ["the path ../secret.png leads out of the source's folder", "there is no image b.png",
                    "unknown class 'holiday'"]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda path: None, "There is nothing at", id="missing"),
        pytest.param(lambda path: path.mkdir(), "is empty. Give the folder", id="empty folder"),
        pytest.param(lambda path: path.write_text("hello"), "no known layout", id="a text"),
        pytest.param(lambda path: (path / "x").mkdir(parents=True), "no known layout", id="other folders"),
    ],
)
def test_what_is_no_source_is_refused_with_the_next_step(tmp_path, make, message):
    make(tmp_path / "source")
    with pytest.raises(InputError, match=message):
        recognise(tmp_path / "source")


def test_a_csv_with_a_header_alone_is_refused(tmp_path):
    (tmp_path / "fer2013.csv").write_text("emotion,pixels,Usage\n")
    with pytest.raises(InputError, match="a header but no rows"):
        read_source("auto", tmp_path / "fer2013.csv")
