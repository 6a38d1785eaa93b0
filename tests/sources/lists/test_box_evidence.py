"""What decides how the four numbers of a box are read: the column's words, and several rows of all lists."""

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputError
from fer_core.sources.classes import UnclearBoxes
from fer_core.sources.readers import read_source


def write(folder, cells, column="bbox", name="list.csv"):
    """A list of pictures of 200 x 100 px, a box each."""
    folder.mkdir(exist_ok=True, parents=True)
    lines = [f'image,label,"{column}"']
    for i, cell in enumerate(cells):
        picture = f"{name[:-4]}{i}.png"
        Image.fromarray(np.zeros((100, 200), np.uint8)).save(folder / picture)
        lines.append(f'{picture},happy,"{cell}"')
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder


def read_boxes(folder):
    table = read_source("auto", folder).table
    return table.sort_values("origin")["box"].tolist()


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ("bbox (cx,cy,w,h)", "60,50,40,60"),
        ("bbox (x,y,w,h centre)", "60,50,40,60"),
        ("bbox (x center, y center, width, height)", "60,50,40,60"),
        ("bbox_cxcywh", "60,50,40,60"),
        ("bbox (ymin,xmin,ymax,xmax)", "20,40,80,80"),
        ("bbox (top,right,bottom,left)", "20,80,80,40"),
        ("bbox (x1,y1,x2,y2 in px)", "40,20,80,80"),
        ("bbox (left, top, width, height)", "40,20,40,60"),
    ],
)
def test_the_words_in_a_columns_name_decide(tmp_path, words, cell):
    assert read_boxes(write(tmp_path, [cell], words)) == ["40,20,80,80"]


def test_words_in_brackets_that_are_not_understood_are_asked_about_whatever_fits(tmp_path):
    with pytest.raises(UnclearBoxes, match=r"bbox \(a,b,c,d\).*the words in brackets are not known"):
        read_source("auto", write(tmp_path, ["110,20,40,50"] * 6, "bbox (a,b,c,d)"))


def test_shares_just_outside_the_picture_are_cut_off_at_its_border(tmp_path):
    cells = ["0.2,0.25,1.02,0.8", "-0.01,0.3,0.7,0.8"]
    assert read_boxes(write(tmp_path, cells, "bbox (xmin,ymin,xmax,ymax)")) == [
        "0.200000,0.250000,1.000000,0.800000",
        "0.000000,0.300000,0.700000,0.800000",
    ]


def test_small_numbers_with_fractions_that_are_no_shares_are_refused(tmp_path):
    with pytest.raises(InputError, match="neither px nor shares"):
        read_source("auto", write(tmp_path, ["0.2,0.3,1.9,1.8"], "bbox_xyxy"))


def test_a_box_of_a_pixel_or_two_is_a_problem_of_its_row(tmp_path):
    reading = read_source("auto", write(tmp_path, ["0,0,1,1", "10,10,50,60"], "bbox_xyxy"))
    assert [problem.message for problem in reading.problems] == ["the box from 0,0 to 1,1 is less than 3 px on a side"]


def test_one_row_of_many_decides_nothing(tmp_path):
    with pytest.raises(UnclearBoxes, match="both fit inside all pictures but 1"):
        read_source("auto", write(tmp_path, [*["20,20,60,70"] * 9, "110,20,40,50"]))


def test_a_small_overrun_is_no_evidence_against_a_form(tmp_path):
    """As sizes these reach 4 px over the picture's right side, as a detector's boxes do."""
    with pytest.raises(UnclearBoxes, match=r"both fit inside all pictures\."):
        read_source("auto", write(tmp_path, ["100,20,104,60"] * 9))


def test_a_bad_row_does_not_stand_against_what_the_others_show(tmp_path):
    cells = [*["110,20,40,50"] * 8, "110,20,190,90"]
    assert read_boxes(write(tmp_path, cells))[0] == "110,20,150,70"


def test_the_lists_of_a_source_are_looked_at_together(tmp_path):
    write(tmp_path, ["110,20,40,50"] * 5, name="train.csv")
    write(tmp_path, ["20,20,60,70", ""], name="test.csv")
    assert read_boxes(tmp_path)[:3] == ["20,20,80,90", "", "110,20,150,70"]


def test_it_is_told_how_many_pictures_without_a_box_are_taken_whole(tmp_path):
    write(tmp_path, ["110,20,40,50"] * 5, name="train.csv")
    write(tmp_path, ["", ""], name="test.csv")
    assert "2 pictures without a box are used whole (2 test)" in read_source("auto", tmp_path).notes
