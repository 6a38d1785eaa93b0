"""Files that no data set has put there, and folders around a data set: neither changes what is recognised."""

import pytest

from fer_core.errors import InputError
from fer_core.sources.listing import list_files
from fer_core.sources.readers import read_source, recognise
from tests.helpers.samples import write_affectnet, write_ckplus, write_fer2013, write_image, write_jaffe, write_rafdb

FOREIGN = [
    "._S010_001_00000015.png", ".DS_Store", "Thumbs.db", "desktop.ini", "@eaDir/a.png/SYNOFILE_THUMB_M.jpg",
    "__MACOSX/._a.png", ".ipynb_checkpoints/a-checkpoint.png", "checkpoints/a.png", "#recycle/a.png",
    "$RECYCLE.BIN/a.png", "lost+found/a.png", "System Volume Information/a.png",
]  # fmt: skip


def litter(folder):
    write_image(folder / "._picture.png")
    picture = (folder / "._picture.png").read_bytes()
    for name in FOREIGN:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture)


WRITERS = {
    "ckplus": write_ckplus,
    "affectnet": write_affectnet,
    "jaffe": write_jaffe,
    "rafdb": write_rafdb,
    "pixelcsv": lambda folder: write_fer2013(folder, 1).parent,  # its faces are not FER2013's
}


@pytest.mark.parametrize("name", WRITERS)
def test_foreign_files_anywhere_change_nothing_of_what_is_read(tmp_path, name):
    root = WRITERS[name](tmp_path / "source")
    before = read_source("auto", root)
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        litter(folder)
    after = read_source("auto", root)
    assert after.source == name
    assert after.table.equals(before.table)
    assert (after.left_out, after.problems, after.layout) == (before.left_out, before.problems, before.layout)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_file_is_not_listed(tmp_path, name):
    write_image(tmp_path / "happy" / "a.png")
    path = tmp_path / "happy" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    assert list_files(tmp_path) == (["happy/a.png"], [])


@pytest.mark.parametrize("as_", ["auto", "by name"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_data_set_is_found_in_the_folder_around_it(tmp_path, name, as_):
    root = WRITERS[name](tmp_path / "downloads" / "archive" / "the set")
    (tmp_path / "downloads" / "README.md").write_text("hello")
    litter(tmp_path / "downloads")
    reading = read_source("auto" if as_ == "auto" else name, tmp_path / "downloads")
    assert reading.table.equals(read_source(name, root).table)
    assert reading.notes == read_source(name, root).notes


def test_what_lies_beside_the_one_data_set_is_named(tmp_path):
    write_ckplus(tmp_path)
    (tmp_path / "masks").mkdir()
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    assert read_source("auto", tmp_path).notes == ["beside it, not read: list.csv, masks"]


def test_of_several_data_sets_in_a_folder_none_is_guessed(tmp_path):
    write_ckplus(tmp_path)
    write_fer2013(tmp_path / "fer", 1)
    with pytest.raises(InputError, match=r"contains several data sets \(CK\+48, fer\)"):
        recognise(tmp_path)
    assert read_source("ckplus", tmp_path).root.name == "CK+48"


def test_a_folder_with_foreign_files_alone_is_empty(tmp_path):
    litter(tmp_path / "x")
    with pytest.raises(InputError, match=r"is empty\. Give the folder"):
        recognise(tmp_path / "x")
