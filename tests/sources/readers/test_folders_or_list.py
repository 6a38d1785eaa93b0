"""A list of pictures that lies beside class folders."""

import pytest

from fer_core.errors import InputError
from fer_core.sources.classes import Classes, UnclearBoxes
from fer_core.sources.readers import read_source, recognise
from tests.helpers.samples import write_image

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
            r"they differ on 4 of 4 pictures: for example, the list says fear for angry/a\.png\. Choose",
        ),
        (
            "labels.csv",
            [f"{n},{n.split('/')[0]},P0" for n in PICTURES[:3]],
            r"1 of 4 .* says nothing for sad/d\.png\. Choose",
        ),
        ("list.csv", [f"{n},3,P0" for n in PICTURES], "has numbers of unknown meaning as labels"),
    ],
)
def test_a_list_that_differs_from_the_folders_is_refused_until_a_person_names_one(tmp_path, name, rows, message):
    root = write(tmp_path, rows, name, "file_name,label,subject")
    with pytest.raises(InputError, match=message) as refused:
        recognise(root)
    assert "folder=PATH" in str(refused.value)
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


def write_listed(root, labels, folders=("angry", "happy"), inner="images"):
    """Two pictures in each class folder below `inner`, and a list of those whose labels are given."""
    for folder in folders:
        for i in range(2):
            write_image(root / inner / folder / f"{folder}{i}.png", seed=i + 10 * len(folder))
    lines = [f"{inner}/{name[:-1]}/{name}.png,{label}" for name, label in labels.items()]
    (root / "labels.csv").write_text("\n".join(["path,label", *lines]) + "\n")
    return root


def test_a_list_beside_a_folder_of_class_folders_is_compared_with_them_too(tmp_path):
    root = write_listed(tmp_path / "own", {"angry0": "sad", "angry1": "angry", "happy0": "happy", "happy1": "happy"})
    with pytest.raises(InputError, match=r"differ on 1 of 4 pictures: the list says sad for images/angry/angry0\.png"):
        read_source("auto", root)
    assert read_source("csv", root).table["expression"].tolist() == ["sad", "angry", "happy", "happy"]


def test_pictures_that_a_list_does_not_name_are_counted(tmp_path):
    root = write_listed(tmp_path / "own", {"angry0": "angry", "happy1": "happy"})
    reading = read_source("auto", root)
    assert reading.notes == ["excluded: 2 pictures not in the list, for example images/angry/angry1.png"]


def test_pictures_beside_the_only_folder_with_a_list_are_counted(tmp_path):
    for split in ("train", "test"):
        write_image(tmp_path / "own" / split / "a.png")
    (tmp_path / "own" / "train" / "metadata.csv").write_text("file_name,label\na.png,happy\n")
    reading = read_source("auto", tmp_path / "own")
    assert "excluded: 1 picture not in the list, for example test/a.png" in reading.notes


def test_a_list_in_a_text_file_beside_class_folders_is_named(tmp_path):
    root = write_listed(tmp_path / "own", {}, inner="")
    (root / "labels.csv").unlink()
    (root / "README.txt").write_text("made in 2020\n")
    (root / "labels.txt").write_text("path,label\nangry/angry0.png,happy\n")
    assert read_source("auto", root).notes == ["beside the class folders, not read: labels.txt"]


def test_boxes_beside_class_folders_are_asked_about_and_then_read(tmp_path):
    root = tmp_path / "own"
    for name in ("angry", "happy"):
        write_image(root / name / "a.png", size=200)
    (root / "list.csv").write_text(
        'path,label,bbox\nangry/a.png,angry,"50,50,90,90"\nhappy/a.png,happy,"50,50,90,90"\n'
    )
    with pytest.raises(UnclearBoxes):
        read_source("auto", root)
    reading = read_source("auto", root, Classes(boxes="xywh"))
    assert reading.table["box"].tolist() == ["50,50,140,140"] * 2


def test_a_list_below_the_pictures_finds_each_in_the_folder_of_its_rows_split(tmp_path):
    for split in ("train", "test"):
        write_image(tmp_path / "own" / split / "0.png")
    (tmp_path / "own" / "ann").mkdir()
    (tmp_path / "own" / "ann" / "list.csv").write_text("path,label,split\n0.png,happy,train\n0.png,sad,test\n")
    table = read_source("auto", tmp_path / "own").table
    assert list(zip(table["origin"], table["expression"], table["usage"], strict=True)) == [
        ("train/0.png", "happy", "train"),
        ("test/0.png", "sad", "test"),
    ]


def test_a_legend_beside_numbered_folders_is_read_and_two_must_agree(tmp_path):
    for split in ("train", "test"):
        for number in range(3):
            write_image(tmp_path / "own" / split / "images" / str(number) / "a.png", seed=number)
    legend = tmp_path / "own" / "train" / "images" / "legend.csv"
    legend.write_text("0,happy\n1,sad\n2,angry\n")
    table = read_source("auto", tmp_path / "own").table
    assert set(zip(table["origin"].str.split("/").str[2], table["expression"], strict=True)) == {
        ("0", "happy"), ("1", "sad"), ("2", "angry"),
    }  # fmt: skip
    (tmp_path / "own" / "test" / "images" / "legend.csv").write_text("0,sad\n1,happy\n2,angry\n")
    with pytest.raises(InputError, match="differ"):
        read_source("auto", tmp_path / "own")
