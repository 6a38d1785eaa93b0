"""A list of pictures that lies beside class folders."""

import pytest

from fer_core.data.readers import read_source, recognise
from fer_core.errors import InputError
from tests.samples import write_image

PICTURES = ("angry/a.png", "angry/b.png", "happy/c.png", "sad/d.png")


def write(root, rows, name="list.csv", header="path,label,subject", prefix=""):
    for place, picture in enumerate(PICTURES):
        write_image(root / prefix / picture, place)
    (root / name).write_text("\n".join([header, *rows]) + "\n")
    return root


def test_a_list_that_agrees_with_the_folders_gives_its_subjects_and_splits(tmp_path):
    rows = [f"{name},{name.split('/')[0]},P{i // 2},{('train', 'test')[i // 2]}" for i, name in enumerate(PICTURES)]
    reading = read_source("auto", write(tmp_path, rows, header="path,label,subject,split"))
    assert reading.table["expression"].tolist() == ["angry", "angry", "happy", "sad"]
    assert reading.table["subject"].tolist() == ["P0", "P0", "P1", "P1"]
    assert reading.table["usage"].tolist() == ["train", "train", "test", "test"]


def test_a_list_that_says_no_split_leaves_the_folders_theirs(tmp_path):
    rows = [f"valid/{name},{name.split('/')[0]},P{i}" for i, name in enumerate(PICTURES)]
    reading = read_source("auto", write(tmp_path, rows, prefix="valid"))
    assert reading.table["subject"].tolist() == ["P0", "P1", "P2", "P3"]
    assert reading.table["usage"].tolist() == ["val"] * 4


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        (
            "metadata.csv",
            [f"{n},fear,P0" for n in PICTURES],
            r"they differ on 4 of 4 pictures: the list says fear of angry/a\.png, for one",
        ),
        (
            "labels.csv",
            [f"{n},{n.split('/')[0]},P0" for n in PICTURES[:3]],
            r"1 of 4 .* says nothing of sad/d\.png\. Say",
        ),
        ("list.csv", [f"{n},3,P0" for n in PICTURES], "has numbers as labels"),
    ],
)
def test_a_list_that_differs_from_the_folders_is_refused_until_a_person_names_one(tmp_path, name, rows, message):
    root = write(tmp_path, rows, name, "file_name,label,subject")
    with pytest.raises(InputError, match=message) as refused:
        recognise(root)
    assert "csv=PATH, or the folder as folder=PATH" in str(refused.value)
    folders = read_source("folder", root)
    assert folders.table["expression"].tolist() == ["angry", "angry", "happy", "sad"]
    assert folders.notes == [f"beside the class folders, not read: {name}"]


def test_the_list_is_read_where_a_person_names_it(tmp_path):
    root = write(tmp_path, [f"{name},fear,P0" for name in PICTURES])
    assert set(read_source("csv", root / "list.csv").table["expression"]) == {"fear"}


def test_a_list_of_more_pictures_than_the_folders_have_is_read(tmp_path):
    write_image(tmp_path / "unsorted" / "e.png")
    rows = [*(f"{name},{name.split('/')[0]}" for name in PICTURES), "unsorted/e.png,fear"]
    reading = read_source("auto", write(tmp_path, rows, "labels.csv", "path,label"))
    assert (reading.source, reading.table["origin"].tolist()) == ("csv", [*PICTURES, "unsorted/e.png"])


def test_a_list_that_adds_nothing_leaves_the_folders_as_they_are(tmp_path):
    root = write(tmp_path, [f"{name},{name.split('/')[0]}" for name in PICTURES], header="path,label")
    assert recognise(root)[0] == "folder"
