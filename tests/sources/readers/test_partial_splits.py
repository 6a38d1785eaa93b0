"""Rows without a split beside rows that say one: the file's name and the folders fill what the column leaves open."""

import pandas as pd
import pytest

from fer_core.errors import InputError
from fer_core.sources.readers import note_unsplit, read_source
from tests.helpers.parquet import write_parquet
from tests.helpers.samples import write_image

PLACES = {"train": ("train", "train"), "test": ("", "")}


def write_lists(root, cells):
    """A list for each split, whose column of splits holds `cells`."""
    for number, (split, told) in enumerate(cells.items()):
        lines = ["image,label,split"]
        for i, cell in enumerate(told):
            write_image(root / "images" / f"{split}{i}.png", 10 * number + i)
            lines.append(f"images/{split}{i}.png,{('happy', 'sad')[i % 2]},{cell}")
        (root / f"{split}.csv").write_text("\n".join(lines) + "\n")
    return root


def test_an_empty_cell_takes_the_split_of_its_lists_name(tmp_path):
    reading = read_source("auto", write_lists(tmp_path, PLACES))
    assert reading.table["usage"].value_counts().to_dict() == {"train": 2, "test": 2}


def test_an_empty_cell_takes_the_split_of_its_parquet_files_name(tmp_path):
    for split, rows in (("train", range(7)), ("test", range(7, 14))):
        cells = ["train" if split == "train" else None] * 7
        write_parquet(tmp_path / f"{split}.parquet", rows, ["angry", "disgust", "fear", "happy", "sad", "surprise",
                                                            "neutral"], split=cells)  # fmt: skip
    reading = read_source("auto", tmp_path)
    assert reading.table["usage"].value_counts().to_dict() == {"train": 7, "test": 7}


@pytest.mark.parametrize("folder", ["{split}", "images/{split}", "{split}/faces"])
def test_an_empty_cell_takes_the_split_of_a_folder_of_its_picture(tmp_path, folder):
    lines = ["image,label,split"]
    for i, (split, cell) in enumerate((("train", "train"), ("train", ""), ("val", "val"), ("test", ""))):
        name = f"{folder.format(split=split)}/{i}.png"
        write_image(tmp_path / name, i)
        lines.append(f"{name},happy,{cell}")
    (tmp_path / "list.csv").write_text("\n".join(lines) + "\n")
    reading = read_source("csv", tmp_path / "list.csv")
    assert reading.table["usage"].tolist() == ["train", "train", "val", "test"]


def test_a_cell_that_says_another_split_than_its_lists_name_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"test\.csv row 2 has the split 'train', but the file's name says test\."):
        read_source("auto", write_lists(tmp_path, {"train": ("train",), "test": ("test", "train")}))


def test_a_cell_that_says_another_split_than_its_parquet_files_name_is_refused(tmp_path):
    for split, rows in (("train", range(7)), ("test", range(7, 14))):
        write_parquet(tmp_path / f"{split}.parquet", rows, list("abcdefg"), split=["train"] * 7)
    with pytest.raises(InputError, match=r"test\.parquet row 1 has the split 'train', but the file's name says test"):
        read_source("auto", tmp_path)


def test_the_only_parquet_file_may_be_called_train_and_hold_all_splits(tmp_path):
    cells = ["train"] * 10 + ["test"] * 3 + [None]
    names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    reading = read_source("auto", write_parquet(tmp_path / "train-00000-of-00001.parquet", names=names, split=cells))
    assert reading.table["usage"].value_counts().to_dict() == {"train": 11, "test": 3}


def test_it_is_told_how_many_faces_have_no_split_where_others_have_one(tmp_path):
    write_image(tmp_path / "a.png", 1)
    write_image(tmp_path / "b.png", 2)
    (tmp_path / "list.csv").write_text("image,label,split\na.png,happy,test\nb.png,sad,\n")
    note = "1 face has no split, and the official split trains on it"
    assert note in read_source("auto", tmp_path / "list.csv").notes
    assert note_unsplit(pd.Series(["", ""])) == note_unsplit(pd.Series(["test", "val"])) == []
