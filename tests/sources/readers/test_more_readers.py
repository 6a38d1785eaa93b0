"""RAF-DB, JAFFE and ExpW on small samples of their real layouts, bad rows included."""

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import Classes
from fer_core.sources.readers import read_source, recognise
from tests.helpers.samples import write_expw, write_image, write_jaffe, write_rafdb, write_rafdb_folders

RAFDB_ORDER = ["surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(write_rafdb, id="basic/"),
        pytest.param(lambda root: write_rafdb(root, ""), id="inside basic"),
        pytest.param(write_rafdb_folders, id="folders"),
        pytest.param(lambda root: write_rafdb_folders(root, "DATASET/"), id="folders in DATASET"),
    ],
)
def test_the_numbers_of_rafdb_are_its_own_order_and_its_split_is_kept(tmp_path, write):
    reading = read_source("auto", write(tmp_path))
    assert reading.source == "rafdb"
    assert not reading.problems
    for usage in ("train", "test"):
        assert reading.table.loc[reading.table["usage"] == usage, "expression"].tolist() == RAFDB_ORDER
    assert all((tmp_path / origin).is_file() for origin in reading.table["origin"])


def test_rafdb_is_read_where_its_list_and_its_images_lie_side_by_side(tmp_path):
    for name in ("train_00001.jpg", "train_00002.jpg"):
        write_image(tmp_path / "image" / name)
    (tmp_path / "list_patition_label.txt").write_text("train_00001.jpg 4\ntrain_00002.jpg 7\n")
    reading = read_source("auto", tmp_path)
    assert reading.table.values.tolist() == [
        ["image/train_00001.jpg", "happy", "", "train"], ["image/train_00002.jpg", "neutral", "", "train"],
    ]  # fmt: skip


def test_bad_lines_of_rafdbs_list_are_problems_with_their_number(tmp_path):
    root = write_rafdb(tmp_path)
    file = root / "basic" / "EmoLabel" / "list_patition_label.txt"
    file.write_text(file.read_text() + "train_00099.jpg 4\ntrain_00001.jpg 8\nholiday.jpg 1\ntrain_00001.jpg\n")
    reading = read_source("rafdb", root)
    assert len(reading.table) == 14
    assert [problem.origin.split()[-1] for problem in reading.problems] == ["15", "16", "17", "18"]
    expected = "expected train_NUMBER.jpg or test_NUMBER.jpg and a label, got"
    missing = "there is no image basic/Image/aligned/train_00099.jpg"
    for problem, message in zip(reading.problems, [missing, "unknown class '8'", expected, expected], strict=True):
        assert problem.message.startswith(message)


def test_a_list_of_rafdb_from_0_to_6_is_refused_until_a_person_says_what_it_means(tmp_path):
    root = write_rafdb(tmp_path)
    file = root / "basic" / "EmoLabel" / "list_patition_label.txt"
    lines = (line.split() for line in file.read_text().splitlines())
    file.write_text("".join(f"{name} {int(number) - 1}\n" for name, number in lines))
    with pytest.raises(InputError, match="which may run from 1 to 7 or from 0 to 6"):
        read_source("auto", root)
    said = read_source("auto", root, Classes(tuple(zip("0123456", RAFDB_ORDER, strict=True))))
    assert said.table["expression"].tolist() == RAFDB_ORDER * 2


@pytest.mark.parametrize("name", ["val", "valid"])
def test_rafdb_with_a_validation_and_a_third_column_is_read(tmp_path, name):
    root = write_rafdb_folders(tmp_path / "folders")
    for label in range(1, 8):
        write_image(root / name / str(label) / f"train_{label + 90:05d}_aligned.jpg", label)
    assert read_source("auto", root).table["usage"].value_counts().to_dict() == {"train": 7, "test": 7, "val": 7}
    root = write_rafdb(tmp_path / "list")
    file = root / "basic" / "EmoLabel" / "list_patition_label.txt"
    file.write_text("".join(f"{line} 17\n" for line in file.read_text().splitlines()))
    reading = read_source("auto", root)
    assert (len(reading.table), reading.problems, reading.unused) == (14, [], ["column 3"])


def test_jaffe_is_read_by_person_or_by_class_and_a_folder_of_another_class_is_a_problem(tmp_path):
    flat = write_jaffe(tmp_path / "flat")
    for file in flat.iterdir():
        write_image(tmp_path / "person" / file.name[:2] / file.name)
    by_person = read_source("auto", tmp_path / "person")
    assert (by_person.source, by_person.table["subject"].nunique(), len(by_person.table)) == ("jaffe", 2, 14)
    for i in range(3):
        write_image(tmp_path / "class" / "happy" / f"KA.HA{i}.{i}.tiff")
    write_image(tmp_path / "class" / "happy" / "KA.AN1.9.tiff")
    reading = read_source("auto", tmp_path / "class")
    assert (reading.source, len(reading.table)) == ("jaffe", 3)
    assert reading.problems[0].message == "its name says angry, but its folder says happy"


def test_rafdbs_folders_are_checked_against_its_csv_files(tmp_path):
    root = write_rafdb_folders(tmp_path)
    (root / "train" / "4" / "train_00004_aligned.jpg").rename(root / "train" / "5" / "train_00004_aligned.jpg")
    (root / "test" / "7" / "test_00007_aligned.jpg").unlink()
    write_image(root / "test" / "stray.jpg")
    reading = read_source("rafdb", root)
    assert {problem.origin: problem.message for problem in reading.problems} == {
        "train/5/train_00004_aligned.jpg": "train_labels.csv gives it the label 4",
        "test_labels.csv": "there is no image test/7/test_00007_aligned.jpg",
        "test/stray.jpg": "it is in none of the folders train/1 to 7 and test/1 to 7",
    }
    assert len(reading.table) == 12


def test_folders_numbered_from_0_are_not_taken_for_rafdb(tmp_path):
    for number in range(8):
        write_image(tmp_path / "train" / str(number) / "train_00001.jpg")
    assert recognise(tmp_path)[0] == "folder"
    with pytest.raises(InputError, match=r"class folders of .* are numbers \(0, .* --meaning numbers=ORDER"):
        read_source("auto", tmp_path)
    with pytest.raises(
        InputError, match=r"the folder .* has the numbers 0, .*, which may run from 1 to 7 or from 0 to 6"
    ):
        read_source("rafdb", tmp_path)


def test_jaffe_has_subject_and_expression_in_its_names(tmp_path):
    write_jaffe(tmp_path / "jaffe")
    (tmp_path / "jaffe" / "README").write_text("terms")
    write_image(tmp_path / "jaffe" / "KA.XX1.39.tiff")
    reading = read_source("auto", tmp_path)
    assert reading.source == "jaffe"
    for subject in ("KA", "YM"):
        rows = reading.table[reading.table["subject"] == subject].sort_values("origin", key=lambda o: o.str[-7:])
        assert rows["expression"].tolist() == list(EXPRESSIONS)
    assert [problem.origin for problem in reading.problems] == ["KA.XX1.39.tiff"]
    assert sum(reading.left_out.values()) == 1


def test_each_face_of_an_expw_photograph_is_cut_out_of_it(tmp_path):
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(write_expw(tmp_path))),), split="80:10:10"))
    table = dataset.table.set_index("origin")
    assert table["expression"].to_dict() == {
        "image/origin/a party_1.png#0": "happy",
        "image/origin/a party_1.png#1": "angry",
    }
    assert table["box"].tolist() == ["30,20,70,60", "150,50,220,120"]
    assert dataset.table["face_id"].is_unique
    assert [np.unique(face).tolist() for face in dataset.faces] == [[255], [128]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("party_1.png 2 20 30 70 60 3", "expected 8 fields, got 7"),
        ("a party_1.png 2 20 30 x 60 1.0 3", "the box 20 30 x 60 is not four whole numbers"),
        ("a party_1.png 2 20 70 30 60 1.0 3", "the box from 70,20 to 30,60 is empty"),
        ("a party_1.png 2 20 30 70 60 1.0 7", "unknown class '7'"),
        ("b.png 0 20 30 70 60 1.0 3", "there is no image image/origin/b.png"),
        ("../../a.png 0 20 30 70 60 1.0 3", "there is no image"),
        ("a party_1.png 1 20 30 70 60 1.0 3", "but label.lst line 3 says"),
        ("a party_1.png 2 500 500 600 600 1.0 3", "lies outside the image of 200 x 100 px"),
    ],
)
def test_a_bad_line_of_expw_is_a_problem_and_the_others_are_read(tmp_path, line, message):
    root = write_expw(tmp_path)
    with (root / "label" / "label.lst").open("a") as file:
        file.write(line + "\n")
    dataset = assemble(DatasetRecipe("x", sources=(("expw", str(root)),), split="80:10:10", skip_bad=True))
    told = [problem.message for problem in dataset.info.problems]
    assert any(message in text for text in told), told
    assert dataset.info.n + len(told) == 3
