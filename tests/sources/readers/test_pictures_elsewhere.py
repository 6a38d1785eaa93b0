"""Lists that do not lie beside their pictures."""

import zipfile

import numpy as np
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.originals import read_originals
from fer_core.errors import InputError
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_image

LABELS = {"a": "happy", "b": "sad", "c": "angry"}


def write(root, where="lists", prefix="", images="images", extra=""):
    for seed, name in enumerate(LABELS):
        write_image(root / images / f"{name}.png", seed)
    (root / where).mkdir(parents=True, exist_ok=True)
    rows = "".join(f"{prefix}{name}.png,{label}\n" for name, label in LABELS.items())
    (root / where / "labels.csv").write_text(f"image,label\n{rows}{extra}")
    return root


def pack(folder, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            archive.write(file, file.relative_to(folder))
    return path


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("prefix", ["images/", "", "../images/"])
@pytest.mark.parametrize("around", ["", "data/"])
def test_a_list_in_a_folder_of_its_own_finds_its_pictures_in_what_was_given(tmp_path, is_packed, prefix, around):
    root = write(tmp_path / "set", f"{around}lists", prefix, f"{around}images", "none.png,fear\n")
    reading = read_source("auto", pack(root, tmp_path / "set.zip") if is_packed else root)
    assert reading.table["origin"].tolist() == [f"{around}images/{name}.png" for name in LABELS]
    assert [problem.origin for problem in reading.problems] == ["row 4"]
    assert reading.notes == ["the pictures are read from the folders around the list, because none are beside the list"]


def test_pictures_in_the_one_archive_beside_the_list_are_read_there(tmp_path):
    write(tmp_path / "in", ".")
    (tmp_path / "set").mkdir()
    (tmp_path / "in" / "labels.csv").rename(tmp_path / "set" / "labels.csv")
    pack(tmp_path / "in", tmp_path / "set" / "images.zip")
    for path in (tmp_path / "set", tmp_path / "set" / "labels.csv"):
        reading = read_source("auto", path)
        assert len(reading.table) == 3
        assert "the pictures are read from images.zip, because none are beside the list" in reading.notes
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(tmp_path / "set")),), split="80:10:10", near=False))
    assert len(dict(read_originals(dataset, np.arange(3)))) == 3


def test_pictures_that_are_nowhere_or_in_several_archives_are_refused_in_one_sentence(tmp_path):
    write(tmp_path / "in", ".")
    (tmp_path / "set").mkdir()
    (tmp_path / "in" / "labels.csv").rename(tmp_path / "set" / "labels.csv")
    with pytest.raises(InputError, match=r"none of its pictures are beside it \(there is no image a\.png\)\. Give the"):
        read_source("auto", tmp_path / "set")
    for name in ("one.zip", "two.zip"):
        pack(tmp_path / "in", tmp_path / "set" / name)
    with pytest.raises(InputError, match=r"Or unpack the archive with the pictures \(one\.zip, two\.zip\) there\.$"):
        read_source("auto", tmp_path / "set")


def test_nothing_outside_what_was_given_is_read(tmp_path):
    root = write(tmp_path / "set", "lists", "../images/")
    with pytest.raises(InputError, match="leads out of the source's folder"):
        read_source("auto", root / "lists")
    with pytest.raises(InputError, match="leads out of the source's folder"):
        read_source("csv", root / "lists" / "labels.csv")


def test_a_folder_of_an_archive_alone_says_to_give_the_archive(tmp_path):
    pack(write(tmp_path / "in", "."), tmp_path / "set" / "list.zip")
    with pytest.raises(InputError, match=r"is not a data set itself, but contains list\.zip\. Give the archive's path"):
        read_source("auto", tmp_path / "set")
