"""Boxes of four numbers in one cell of a list: what the numbers are is said, shown by the pictures, or asked."""

import shutil
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError
from fer_core.sources.classes import Classes, UnclearBoxes, check_meanings, classes_of
from fer_core.sources.readers import read_source

BOTH = ("10,20,40,50", "20,20,60,70")  # fit into 200 x 100 px as sizes and as corners
AS_SIZE = ("110,20,40,50", "150,10,50,60")
AS_CORNERS = ("110,20,180,90", "20,60,60,90")


def write(folder, cells, column="bbox", quote='"{}"', separator=","):
    folder.mkdir(exist_ok=True, parents=True)
    photo = np.zeros((100, 200), np.uint8)
    photo[20:70, 110:150] = 255
    lines = [f"image{separator}label{separator}{column}"]
    for i, cell in enumerate(cells):
        Image.fromarray(photo).save(folder / f"{i}.png")
        lines.append(separator.join((f"{i}.png", ("happy", "sad")[i % 2], quote.format(cell))))
    (folder / "list.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("quote", ['"{}"', '"[{}]"', '"({})"', '" {} "'])
@pytest.mark.parametrize("spaced", [False, True])
@pytest.mark.parametrize(
    ("cells", "boxes", "told"),
    [
        (AS_SIZE, ["110,20,150,70", "150,10,200,70"], "left, top, width, height"),
        (AS_CORNERS, ["110,20,180,90", "20,60,60,90"], "left, top, right, bottom"),
    ],
)
def test_boxes_that_fit_the_pictures_in_one_way_are_read_so_and_it_is_told(tmp_path, cells, boxes, told, quote, spaced):
    cells = [cell.replace(",", " ") for cell in cells] if spaced else cells
    reading = read_source("auto", write(tmp_path, cells, quote=quote))
    assert reading.table["box"].tolist() == boxes
    assert reading.notes == [
        f"faces are cropped by the column bbox ({told}: the only reading that fits inside the pictures)"
    ]
    assert (reading.problems, reading.unused) == ([], [])


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (BOTH, "both fit inside all pictures"),
        ((AS_SIZE[0], AS_CORNERS[1]), "neither fits inside all pictures"),
        (("0.1,0.2,0.4,0.5",), "they are shares of the pictures' sides"),
    ],
)
def test_boxes_that_may_be_two_things_are_asked_about(tmp_path, cells, why):
    with pytest.raises(UnclearBoxes, match=rf"list.csv has boxes .* column bbox.*{why}.*--meaning boxes=xywh\|xyxy"):
        read_source("auto", write(tmp_path, cells))


def test_what_a_person_says_of_boxes_is_followed(tmp_path):
    root = write(tmp_path / "a", BOTH)
    for form, boxes in (("xywh", ["10,20,50,70", "20,20,80,90"]), ("xyxy", ["10,20,40,50", "20,20,60,70"])):
        found = read_source("auto", root, classes_of("csv", (("csv:boxes", form),)))
        assert found.table["box"].tolist() == boxes
        assert "as set with --meaning" in found.notes[0]
    recipe = DatasetRecipe(
        "boxed", sources=(("auto", str(root)),), split="80:10:10", meanings=(("boxes", "xyxy"),), near=False
    )
    assert assemble(recipe).table["box"].tolist() == ["10,20,40,50", "20,20,60,70"]
    with pytest.raises(InputError, match="boxes cannot mean 'happy': choose one of xywh, xyxy"):
        check_meanings([("boxes", "happy")])


@pytest.mark.parametrize(
    ("column", "form"),
    [
        ("bbox_xywh", 0), ("bbox_xyxy", 1), ('"bbox (x, y, w, h)"', 0), ('"box (x1,y1,x2,y2)"', 1),
        ("bounding_box (xmin ymin xmax ymax)", 1),
    ],
)  # fmt: skip
def test_a_columns_name_may_say_what_its_boxes_are(tmp_path, column, form):
    reading = read_source("auto", write(tmp_path, BOTH, column))
    assert reading.table["box"].tolist()[0] == ("10,20,50,70", "10,20,40,50")[form]
    assert "as its name says" in reading.notes[0]


def test_shares_are_read_as_corners_and_refused_as_a_corner_or_a_centre(tmp_path):
    root = write(tmp_path, ("0.1,0.2,0.4,0.5",))
    assert read_source("auto", root, Classes(boxes="xyxy")).table["box"].tolist() == [
        "0.100000,0.200000,0.400000,0.500000"
    ]
    with pytest.raises(InputError, match="may be a corner or the centre"):
        read_source("auto", root, Classes(boxes="xywh"))


@pytest.mark.parametrize(
    ("cell", "message"),
    [("1,2,3", "is not four numbers"), ("1,2,3,x", "is not four numbers"), ("50,50,0,20", "is empty")],
)
def test_a_cell_that_is_no_box_is_a_problem_of_its_row_and_an_empty_one_is_the_whole_picture(tmp_path, cell, message):
    reading = read_source("auto", write(tmp_path, (AS_SIZE[0], cell, "")))
    assert reading.table["box"].tolist() == ["110,20,150,70", ""]
    (problem,) = reading.problems
    assert problem.origin == "row 2"
    assert message in problem.message


def test_pictures_in_an_archive_and_turned_ones_have_their_upright_size(tmp_path):
    folder = write(tmp_path / "in", ("10,110,60,80", "10,110,60,80"))
    for picture in folder.glob("*.png"):
        image = Image.open(picture)
        exif = image.getexif()
        exif[0x0112] = 6
        image.save(picture.with_suffix(".jpg"), exif=exif)
    (folder / "list.csv").write_text((folder / "list.csv").read_text().replace(".png", ".jpg"))
    path = tmp_path / "set.zip"
    with ZipFile(path, "w") as archive:
        for name in ("list.csv", "0.jpg", "1.jpg"):
            archive.write(folder / name, name)
    shutil.rmtree(folder)
    found = inspect_source(path)
    assert (found.n, found.problems) == (2, ())
    assert "left, top, width, height: the only reading that fits" in found.notes[0]
