"""A folder has the name, licence and publication of a data set only where something says that it is that one."""

import numpy as np
import pytest

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.readers import read_source, recognise
from fer_core.sources.readers.fer2013_folder import _COUNTS
from tests.helpers.samples import write_affectnet, write_image, write_rafdb_folders


def write_classes(root, classes=EXPRESSIONS, splits=("train", "test"), name="im{}.png"):
    for split in splits:
        for k, label in enumerate(classes):
            write_image(root / split / label / name.format(k))
    return root


def touch(folder, n):
    folder.mkdir(parents=True)
    for i in range(n):
        (folder / f"{i}.jpg").touch()


@pytest.mark.parametrize("splits", [("train", "test"), ("train", "val", "test"), ("Training", "PublicTest")])
def test_class_folders_of_ones_own_are_no_data_set_that_was_published(tmp_path, splits):
    assert recognise(write_classes(tmp_path, splits=splits))[0] == "folder"


def test_fer2013_is_known_by_the_names_of_its_files(tmp_path):
    write_classes(tmp_path, splits=("train",), name="Training_{}.jpg")
    write_classes(tmp_path, splits=("test",), name="PrivateTest_{}.jpg")
    assert recognise(tmp_path)[0] == "fer2013"


def test_fer2013_is_known_by_its_faces_a_class(tmp_path, monkeypatch):
    assert sum(_COUNTS[0]) == 28709
    assert _COUNTS[3] == tuple(a + b for a, b in zip(_COUNTS[1], _COUNTS[2], strict=True))
    monkeypatch.setattr("fer_core.sources.readers.fer2013_folder._COUNTS", ((2, 1, 2, 4, 2, 1, 3),))
    for label, n in zip(EXPRESSIONS, (2, 1, 2, 4, 2, 1, 3), strict=True):
        touch(tmp_path / "train" / label, n)
    assert recognise(tmp_path)[0] == "fer2013"
    (tmp_path / "train" / "sad" / "more.jpg").touch()
    assert recognise(tmp_path)[0] == "folder"


def test_a_person_may_say_that_class_folders_are_fer2013(tmp_path):
    reading = read_source("fer2013", write_classes(tmp_path))
    assert (reading.source, len(reading.table)) == ("fer2013", 14)


def test_a_labels_csv_of_ones_own_is_not_affectnets_and_does_not_win_over_the_folders(tmp_path):
    for name in ("happy/a.png", "sad/b.png"):
        write_image(tmp_path / name)
    (tmp_path / "labels.csv").write_text("pth,label\nhappy/a.png,happy\nsad/b.png,angry\n")
    with pytest.raises(
        InputError, match=r"they differ on 1 of 2 pictures: the list says angry for sad/b\.png\. Choose"
    ):
        read_source("auto", tmp_path)
    assert read_source("csv", tmp_path).table["expression"].tolist() == ["happy", "angry"]
    assert read_source("folder", tmp_path).table["expression"].tolist() == ["happy", "sad"]
    assert read_source("affectnet", tmp_path).table["expression"].tolist() == ["happy", "angry"]
    assert recognise(write_affectnet(tmp_path / "shared"))[0] == "affectnet"


def test_images_beside_annotations_of_another_kind_are_not_affectnets(tmp_path):
    write_image(tmp_path / "images" / "happy" / "1.png")
    (tmp_path / "annotations").mkdir()
    np.save(tmp_path / "annotations" / "1.npy", np.array(1))
    assert recognise(tmp_path)[0] == "folder"


def test_folders_1_to_7_of_ones_own_are_not_rafdb(tmp_path):
    write_classes(tmp_path / "own", [str(n) for n in range(1, 8)])
    assert recognise(tmp_path / "own")[0] == "folder"
    assert read_source("rafdb", tmp_path / "own").table["expression"].tolist()[0] == "surprise"
    assert recognise(write_rafdb_folders(tmp_path / "rafdb"))[0] == "rafdb"


def test_a_label_lst_with_other_lines_is_not_expw(tmp_path):
    write_image(tmp_path / "happy" / "a.png")
    (tmp_path / "label.lst").write_text("happy/a.png happy\n")
    assert recognise(tmp_path)[0] == "folder"


def test_one_file_named_as_another_sets_makes_a_folder_no_such_set(tmp_path):
    for name in ("S010_001_00000015.png", "a.png", "b.png", "KA.AN1.39.tiff"):
        write_image(tmp_path / "angry" / name)
    assert recognise(tmp_path)[0] == "folder"
