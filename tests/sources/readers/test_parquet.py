"""Parquet files as Hugging Face writes them: pictures, labels and the names of the labels."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.originals import read_originals
from fer_core.errors import InputError
from fer_core.sources.classes import Classes, UnclearBoxes
from fer_core.sources.readers import read_source
from tests.helpers.parquet import FACES, encode, write_parquet

NAMES = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


@pytest.mark.parametrize("as_struct", [True, False], ids=["struct", "bytes"])
def test_the_files_of_a_data_set_give_their_splits_and_the_features_their_names(tmp_path, as_struct):
    write_parquet(tmp_path / "hf" / "data" / "train-00000-of-00002.parquet", range(4), NAMES, as_struct)
    write_parquet(tmp_path / "hf" / "data" / "train-00001-of-00002.parquet", range(4, 8), NAMES, as_struct)
    write_parquet(tmp_path / "hf" / "data" / "validation-00000-of-00001.parquet", range(8, 11), NAMES, as_struct)
    write_parquet(tmp_path / "hf" / "data" / "test-00000-of-00001.parquet", range(11, 14), NAMES, as_struct)
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(tmp_path / "hf")),)))
    table = dataset.table.sort_values("sha256")
    assert dataset.info.sources[0].source == "parquet"
    assert dataset.info.splits == {"train": 8, "val": 3, "test": 3}
    wanted = {face.tobytes(): NAMES[i % 7] for i, face in enumerate(FACES)}
    found = {face.tobytes(): label for face, label in zip(dataset.faces, dataset.table["expression"], strict=True)}
    assert found == wanted
    originals = dict(read_originals(dataset, table.index.to_numpy()))
    assert len(originals) == 14
    assert all(np.array_equal(np.asarray(originals[i].convert("L")), dataset.faces[i]) for i in originals)


def test_names_in_another_order_are_the_files_own(tmp_path):
    names = ["neutral", *NAMES[:6]]
    reading = read_source("auto", write_parquet(tmp_path / "faces.parquet", names=names))
    assert reading.table["expression"].tolist() == names * 2
    assert reading.notes == ["numbers are read by the names in faces.parquet"]


def test_numbers_without_names_are_asked_about(tmp_path):
    path = write_parquet(tmp_path / "faces.parquet")
    with pytest.raises(InputError, match="numbers of unknown meaning"):
        read_source("auto", path)
    assert read_source("auto", path, Classes(order="fer2013")).table["expression"].tolist() == NAMES * 2
    (tmp_path / "legend.csv").write_text("".join(f"{name},{i}\n" for i, name in enumerate(NAMES)))
    assert read_source("auto", path).table["expression"].tolist() == NAMES * 2


def test_persons_and_splits_are_known_and_the_rest_is_named(tmp_path):
    path = write_parquet(
        tmp_path / "faces.parquet", names=NAMES, subject_id=[f"p{i // 2}" for i in range(14)],
        split=["train"] * 13 + ["holiday"], age=[None] * 14,
    )  # fmt: skip
    reading = read_source("auto", path)
    assert reading.table["subject"].nunique() == 7
    assert reading.unused == ["age"]
    assert [(problem.origin, problem.message) for problem in reading.problems] == [
        ("faces.parquet#14", "split must be train, val or test, got 'holiday'")
    ]


def test_a_row_without_picture_or_label_is_a_problem(tmp_path):
    images = [{"bytes": encode(FACES[0]), "path": "a"}, {"bytes": None, "path": "b"}, {"bytes": b"text", "path": "c"}]
    table = pa.table({"image": [*images, images[0]], "label": ["happy", "sad", "sad", None]})
    pq.write_table(table, tmp_path / "x.parquet")
    found = inspect_source(tmp_path / "x.parquet")
    assert found.n == 1
    assert {problem.origin: problem.message for problem in found.problems} == {
        "x.parquet#4": "it has no label",
        "x.parquet#2": "the row has no picture",
        "x.parquet#3": "not a readable image",
    }


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="cannot be read as Parquet"):
        read_source("parquet", tmp_path / "x.parquet")
    with pytest.raises(InputError, match="no known layout"):
        read_source("auto", tmp_path / "x.parquet")


def test_a_list_of_names_that_does_not_count_as_the_labels_do_is_refused(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", names=NAMES[1:])
    with pytest.raises(
        InputError, match=r"has the label 6, whose meaning the list of names in a\.parquet does not give"
    ):
        read_source("auto", path)
    path = write_parquet(tmp_path / "a.parquet", [i for i in range(14) if i % 7], NAMES)
    with pytest.raises(InputError, match="from 0 to 6 or from 1 to 7"):
        read_source("auto", path)


def test_a_part_without_the_first_class_is_read_with_the_others(tmp_path):
    write_parquet(tmp_path / "train-00000-of-00002.parquet", range(1, 4), NAMES)
    write_parquet(tmp_path / "train-00001-of-00002.parquet", [0, *range(4, 7)], NAMES)
    assert len(read_source("auto", tmp_path).table) == 7


def test_a_meaning_of_one_number_leaves_the_files_own_names_for_the_others(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", names=NAMES)
    reading = read_source("auto", path, Classes((("3", "leave-out"),)))
    assert dict(reading.left_out) == {"leave-out": 2}
    assert reading.table["expression"].tolist() == [name for name in NAMES if name != "happy"] * 2


BOXES = [[20 + 4 * (i % 2), 8, 18, 40] for i in range(14)]  # no left, top, right, bottom: right is left of left
BOXES[3] = [10, 20, 12, 16]


@pytest.mark.parametrize(
    "columns",
    [
        {"bbox": BOXES},
        {"bbox": pa.array(BOXES, pa.list_(pa.float32(), 4))},
        {"box": [[box] for box in BOXES]},
        {"bbox": [",".join(map(str, box)) for box in BOXES]},
        {name: [box[k] for box in BOXES] for k, name in enumerate("xywh")},
    ],
    ids=["lists", "lists of four", "lists of one box", "text", "columns"],
)
def test_a_face_is_cut_out_by_its_box(tmp_path, columns):
    write_parquet(
        tmp_path / "p" / "train-00000-of-00002.parquet", range(7), NAMES, **{k: v[:7] for k, v in columns.items()}
    )
    write_parquet(
        tmp_path / "p" / "train-00001-of-00002.parquet", range(7, 14), NAMES, **{k: v[7:] for k, v in columns.items()}
    )
    dataset = assemble(DatasetRecipe("x", sources=(("auto", str(tmp_path / "p")),), split="80:10:10", near=False))
    boxes = [f"{x},{y},{x + w},{y + h}" for x, y, w, h in BOXES]
    assert sorted(dataset.table["box"]) == sorted(boxes)
    assert dataset.table["side_px"].tolist().count(12) == 1
    originals = dict(read_originals(dataset, np.arange(14)))
    assert sorted(picture.size for picture in originals.values()) == sorted((w, h) for *_, w, h in BOXES)


def test_a_box_that_is_none_is_a_problem_of_its_row_and_none_at_all_is_the_whole_picture(tmp_path):
    boxes = [[30, 8, 10, 20]] * 11 + [[1, 2, 3], [0, 0, 0, 5], None]
    reading = read_source("auto", write_parquet(tmp_path / "a.parquet", names=NAMES, bbox=boxes))
    assert {problem.origin: problem.message for problem in reading.problems} == {
        "a.parquet#12": "the box 1 2 3 is not four numbers",
        "a.parquet#13": "the box from 0,0 to 0,5 is empty",
    }
    assert reading.table["box"].iloc[-1] == ""
    assert reading.table["origin"].iloc[-1] == "a.parquet#14"


def test_boxes_that_may_be_two_things_are_asked_about(tmp_path):
    path = write_parquet(tmp_path / "a.parquet", names=NAMES, bbox=[[1, 2, 10, 20]] * 14)
    with pytest.raises(UnclearBoxes, match="both fit inside all pictures"):
        read_source("auto", path)
    assert read_source("auto", path, Classes(boxes="xyxy")).table["box"].iloc[0] == "1,2,10,20"


def test_several_boxes_a_row_and_further_pictures_are_named_as_not_read(tmp_path):
    columns = {"objects": [{"bbox": [[1, 2, 3, 4], [5, 6, 7, 8]]}] * 14, "image2": [b"x"] * 14}
    reading = read_source("auto", write_parquet(tmp_path / "a.parquet", names=NAMES, **columns))
    assert reading.unused == ["objects", "image2"]
    assert "the boxes in the column objects are not used: each picture is used whole" in reading.notes


def test_a_table_without_pictures_missing_parts_and_other_folders_are_told(tmp_path):
    write_parquet(tmp_path / "data" / "train-00000-of-00003.parquet", names=NAMES)
    write_parquet(tmp_path / "data" / "partial-test" / "0000.parquet", names=NAMES)
    pq.write_table(pa.table({"note": ["x"]}), tmp_path / "data" / "notes.parquet")
    notes = read_source("auto", tmp_path / "data").notes
    assert "notes.parquet is not read: it has no pictures with labels" in notes
    assert "only 1 of the 3 parts of train are present" in notes
    assert "the Parquet files in partial-test/ are not read" in notes
