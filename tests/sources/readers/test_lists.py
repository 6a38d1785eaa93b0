"""Lists of paths and labels under the names that people and tools give their columns and files."""

import gzip
import json

import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.sources.classes import Classes
from fer_core.sources.lists.columns import LABEL, PATH, SUBJECT, USAGE
from fer_core.sources.readers import read_source
from tests.helpers.samples import write_expw, write_image

LABELS = {"a.png": "happy", "b.png": "sad"}


def write_list(folder, text, name="list.csv", images=("a.png", "b.png")):
    for image in images:
        write_image(folder / image, seed=sum(map(ord, image)))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def read(path):
    reading = read_source("auto", path)
    assert (reading.source, reading.problems) == ("csv", [])
    return reading


@pytest.mark.parametrize("path", PATH)
@pytest.mark.parametrize("label", ["label", "class_name", "category", "emotion", "Labels"])
def test_a_list_is_known_by_any_usual_name_of_its_columns(tmp_path, path, label):
    reading = read(write_list(tmp_path, f"{path.upper()},{label}\na.png,happy\nb.png,sad\n"))
    assert reading.table.set_index("origin")["expression"].to_dict() == LABELS


@pytest.mark.parametrize("label", LABEL)
def test_every_name_of_a_label_is_known(tmp_path, label):
    assert len(read(write_list(tmp_path, f"image,{label}\na.png,happy\n")).table) == 1


@pytest.mark.parametrize("usage", USAGE)
@pytest.mark.parametrize("subject", SUBJECT)
def test_split_and_person_are_known_by_their_usual_names_and_the_rest_is_named(tmp_path, usage, subject):
    text = f"image,label,{usage},{subject},age,site\na.png,happy,PublicTest,anna,7,x\nb.png,sad,valid,bert,8,y\n"
    reading = read(write_list(tmp_path, text))
    assert reading.table[["subject", "usage"]].values.tolist() == [["anna", "val"], ["bert", "val"]]
    assert reading.unused == ["age", "site"]


def test_a_split_that_is_none_is_a_problem_of_its_row(tmp_path):
    reading = read_source("csv", write_list(tmp_path, "image,label,set\na.png,happy,holiday\nb.png,sad,dev\n"))
    assert [(p.origin, p.message) for p in reading.problems] == [
        ("row 1", "set must be train, val or test, got 'holiday'")
    ]


@pytest.mark.parametrize(
    ("columns", "cells"),
    [
        ("x,y,w,h", "30,20,40,40"),
        ("face_x,face_y,face_width,face_height", "30.0,20.0,40.0,40.0"),
        ("left,top,right,bottom", "30,20,70,60"),
        ("xmin,ymin,xmax,ymax", "30,20,70,60"),
    ],
)
def test_a_faces_box_is_cut_out_and_an_empty_one_means_all_of_the_image(tmp_path, columns, cells):
    write_expw(tmp_path)
    text = f"image,{columns},label\na party_1.png,{cells},happy\na party_1.png,150;50;190;90,sad\n,,,,,\n"
    text = (
        text.replace(";", ",")
        if "right" in columns or "xmax" in columns
        else text.replace("150;50;190;90", "150,50,40,40")
    )
    path = write_list(tmp_path / "image" / "origin", text, images=("plain.png",))
    path.write_text(path.read_text().replace(",,,,,\n", "plain.png,,,,,angry\n"))
    dataset = assemble(DatasetRecipe("x", sources=(("csv", str(path)),), split="80:10:10"))
    boxes = dataset.table.set_index("expression")["box"].to_dict()
    assert boxes == {"happy": "30,20,70,60", "sad": "150,50,190,90", "angry": ""}
    assert (dataset.faces[int((dataset.table["expression"] == "happy").argmax())] == 255).all()


@pytest.mark.parametrize(
    ("cells", "message"),
    [("1,2,x,4", "is not four numbers"), ("5,5,0,4", "is empty"), ("1,2,,4", "not four"), ("nan,1,1,1", "not four")],
)  # fmt: skip
def test_a_box_that_is_none_is_a_problem_of_its_row(tmp_path, cells, message):
    reading = read_source("csv", write_list(tmp_path, f"image,x,y,w,h,label\na.png,{cells},happy\nb.png,1,1,9,9,sad\n"))
    (problem,) = reading.problems
    assert problem.origin == "row 1"
    assert message in problem.message


def test_one_hot_columns_are_labels(tmp_path):
    text = "image,angry,Happiness,sad,contempt\na.png,0,1,0,0\nb.png,0.0,0.0,1.0,0.0\nc.png,0,0,0,1\nd.png,1,1,0,0\n"
    reading = read_source("auto", write_list(tmp_path, text))
    assert reading.table.set_index("origin")["expression"].to_dict() == LABELS
    assert dict(reading.left_out) == {"contempt": 1}
    assert [(problem.origin, problem.message) for problem in reading.problems] == [("row 4", "it has no label")]


def test_probabilities_beside_a_label_are_not_used(tmp_path):
    text = "image,label,angry,happy,sad\na.png,happy,0.2,0.7,0.1\nb.png,sad,0.1,0.2,0.7\n"
    assert read(write_list(tmp_path, text)).unused == ["angry", "happy", "sad"]


def test_a_column_of_names_wins_over_one_of_numbers_and_two_of_names_must_agree(tmp_path):
    path = write_list(tmp_path, "image,label,emotion\na.png,3,happy\nb.png,5,sad\n")
    reading = read(path)
    assert (reading.table.set_index("origin")["expression"].to_dict(), reading.unused) == (LABELS, ["label"])
    path.write_text("image,label,emotion\na.png,happy,happiness\nb.png,sad,fear\n")
    with pytest.raises(InputError, match="the columns label and emotion, which differ"):
        read_source("csv", path)


@pytest.mark.parametrize("label", ["None", "nan", ""])
def test_a_row_without_a_label_is_a_problem_unless_a_person_says_what_it_means(tmp_path, label):
    path = write_list(tmp_path, f"image,label\na.png,{label}\nb.png,none\n")
    reading = read_source("csv", path)
    assert [problem.message for problem in reading.problems] == ["it has no label"]
    assert dict(reading.left_out) == {"none": 1}
    if label:
        assert len(read_source("csv", path, Classes(((label, "sad"),))).problems) == 0


def test_a_packed_list_is_read(tmp_path):
    path = write_list(tmp_path, "image,label\na.png,happy\nb.png,sad\n")
    (tmp_path / "list.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()
    assert len(read(tmp_path / "list.csv.gz").table) == 2
    assert len(read(tmp_path).table) == 2


@pytest.mark.parametrize("name", ["metadata.csv", "metadata.jsonl"])
@pytest.mark.parametrize("folders", [("",), ("train", "test")])
def test_hugging_faces_image_folders_are_read_with_their_splits(tmp_path, name, folders):
    for folder in folders:
        rows = [{"file_name": image, "label": label, "note": None} for image, label in LABELS.items()]
        lines = "".join(f"{json.dumps(row)}\n" for row in rows)
        text = "file_name,label,note\na.png,happy,\nb.png,sad,\n" if name.endswith("csv") else lines
        write_list(tmp_path / folder, text, name)
    reading = read(tmp_path)
    assert len(reading.table) == 2 * len(folders)
    assert sorted(set(reading.table["usage"])) == sorted(folders)
    assert all((tmp_path / origin).is_file() for origin in reading.table["origin"])
    assert reading.unused == ["note"]


def test_a_line_that_is_no_json_object_is_a_problem_of_its_row(tmp_path):
    path = write_list(tmp_path, '{"image": "a.png", "label": "happy"}\n[1]\n{"image": "b.png"\n', "metadata.jsonl")
    assert [problem.origin for problem in read_source("auto", path).problems] == ["row 2", "row 3"]


def test_a_list_a_split_gives_the_splits_and_its_folder_may_be_left_out_of_the_paths(tmp_path):
    write_list(tmp_path, "image,label\na.png,happy\n", "train_labels.csv", ["train/a.png"])
    write_list(tmp_path, "image,label\nb.png,sad\nnone.png,sad\n", "test_labels.csv", ["test/b.png"])
    reading = read_source("auto", tmp_path)
    assert dict(zip(reading.table["origin"], reading.table["usage"], strict=True)) == {
        "train/a.png": "train", "test/b.png": "test",
    }  # fmt: skip
    assert [problem.origin for problem in reading.problems] == ["test_labels.csv row 2"]


def test_the_legend_that_a_list_goes_by_is_told(tmp_path):
    path = write_list(tmp_path, "image,label\na.png,0\nb.png,1.0\n")
    (tmp_path / "classes.txt").write_text("happy\nsad\n")
    reading = read(path)
    assert reading.table.set_index("origin")["expression"].to_dict() == LABELS
    assert "numbers are read by classes.txt" in reading.notes


@pytest.mark.parametrize(
    ("header", "cells"),
    [("xmin,ymin,xmax,ymax", "0.25,0.25,0.75,1"), ("left,top,width,height", "0.25,0.25,0.5,0.75")],
)
def test_boxes_in_shares_of_the_picture_are_taken_as_shares_and_told(tmp_path, header, cells):
    path = write_list(tmp_path, f"image,label,{header}\na.png,happy,{cells}\nb.png,sad,{cells}\n")
    reading = read(path)
    assert reading.table["box"].tolist() == ["0.250000,0.250000,0.750000,1.000000"] * 2
    assert (
        f"faces are cropped by the columns {header.replace(',', ', ')}, in shares of the pictures' sides"
        in reading.notes
    )


def test_shares_of_a_corner_or_a_centre_are_refused(tmp_path):
    path = write_list(tmp_path, "image,label,x,y,w,h\na.png,happy,0.5,0.5,0.8,0.8\n")
    with pytest.raises(InputError, match="may be a corner or the centre"):
        read_source("auto", path)


def test_two_columns_of_different_pictures_are_refused_and_an_id_is_no_picture(tmp_path):
    path = write_list(tmp_path, "image,path,label\na.png,b.png,happy\nb.png,a.png,sad\n")
    with pytest.raises(InputError, match="names different pictures in the columns path and image"):
        read_source("auto", path)
    assert len(read(write_list(tmp_path, "image,path,label\n17,a.png,happy\n18,b.png,sad\n")).table) == 2


def test_two_lists_of_one_folder_that_differ_are_refused(tmp_path):
    write_list(tmp_path, "file_name,label\na.png,happy\nb.png,sad\n", "metadata.csv")
    twin = [{"file_name": name, "label": label} for name, label in LABELS.items()]
    write_list(tmp_path, "\n".join(map(json.dumps, twin)), "metadata.jsonl")
    assert len(read(tmp_path).table) == 2
    write_list(tmp_path, json.dumps(twin[0] | {"label": "sad"}), "metadata.jsonl")
    with pytest.raises(InputError, match=r"metadata\.csv and metadata\.jsonl contradict each other"):
        read_source("auto", tmp_path)


@pytest.mark.parametrize("folder", ["img", "faces", "images"])
def test_a_list_may_leave_out_the_folder_of_the_pictures(tmp_path, folder):
    write_image(tmp_path / folder / "a.png")
    reading = read(write_list(tmp_path, "image,label\na.png,happy\n", images=()))
    assert reading.table["origin"].tolist() == [f"{folder}/a.png"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_lines_of_json_are_read_in_either_encoding(tmp_path, encoding):
    lines = [json.dumps({"file_name": name, "label": label}) for name, label in LABELS.items()]
    write_list(tmp_path, "", "metadata.jsonl").write_text("\n".join(lines), encoding=encoding)
    assert read(tmp_path).table.set_index("origin")["expression"].to_dict() == LABELS
