"""Class folders under the names, numbers and splits that people give them, and pictures of every kind in them."""

import pytest
from PIL import Image

from fer_core.datasets.assembling.inspect import inspect_source
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import Classes
from fer_core.sources.readers import read_source
from fer_core.sources.readers.class_folders import simplify_class
from tests.helpers.samples import write_image


def write_classes(root, classes, splits=("",)):
    for split in splits:
        for k, label in enumerate(classes):
            write_image(root / split / label / f"im{k}.png", k)
    return root


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("0_angry", "angry"), ("00-angry", "angry"), ("3 Happy", "Happy"), ("angry_0", "angry"), ("1. sad", "sad"),
        ("Angry (anger)", "Angry"), ("class_happy", "happy"), ("class 3 happy", "happy"), ("07_contempt", "contempt"),
        ("no-face", "no-face"), ("Angry (sad)", "Angry (sad)"), ("holiday", "holiday"), ("12", "12"),
        ("angry_happy", "angry_happy"), ("not happy", "not happy"),
    ],
)  # fmt: skip
def test_a_number_or_a_synonym_around_a_class_name_does_not_matter(name, expected):
    assert simplify_class(name) == expected


def test_what_a_person_says_of_a_whole_name_comes_first():
    classes = Classes((("0_angry", "sad"), ("furious", "angry")))
    assert simplify_class("0_angry", classes) == "0_angry"
    assert simplify_class("1_furious", classes) == "furious"


@pytest.mark.parametrize(
    "splits",
    [
        ("",), ("images/train", "images/validation"), ("Training", "VALID", "Test"), ("train/images", "val/images"),
        ("train/Images", "test"), ("data/train/faces", "data/test/imgs"),
    ],
)  # fmt: skip
def test_numbered_names_are_read_in_every_folder_around_them(tmp_path, splits):
    root = write_classes(tmp_path, [f"{i}_{name}" for i, name in enumerate(EXPRESSIONS)], splits)
    reading = read_source("auto", root)
    assert not reading.problems
    assert reading.table["expression"].tolist() == [*EXPRESSIONS] * len(splits)
    assert reading.table["usage"].nunique() == len(splits)


@pytest.mark.parametrize("splits", [("",), ("train", "test"), ("train/images", "test/images")])
def test_folders_by_number_are_read_as_a_person_or_a_legend_says_and_else_refused(tmp_path, splits):
    root = write_classes(tmp_path, list("0123456"), splits)
    with pytest.raises(InputError, match=r"are numbers \(0, 1, 2, 3, 4, 5, 6\).*--meaning numbers=ORDER.*legend.csv"):
        read_source("auto", root)
    said = read_source("auto", root, Classes(order="ferplus"))
    assert said.table["expression"].tolist()[:3] == ["neutral", "happy", "surprise"]
    assert said.notes == ["class folders by number: as set with --meaning (ferplus)"]
    (root / "legend.csv").write_text("".join(f"{i},{name}\n" for i, name in enumerate(EXPRESSIONS)))
    by_legend = read_source("auto", root)
    assert by_legend.table["expression"].tolist()[:7] == list(EXPRESSIONS)
    assert by_legend.notes == ["class folders by number: numbers are read by legend.csv"]


def test_a_number_beyond_the_order_is_a_problem(tmp_path):
    root = write_classes(tmp_path, list("01234567"))
    reading = read_source("auto", root, Classes(order="fer2013"))
    assert (len(reading.table), reading.unknown) == (7, {"7": 1})
    assert "'7' is not a known class" in reading.problems[0].message


def test_folders_of_names_that_nobody_knows_are_asked_about(tmp_path):
    root = write_classes(tmp_path, ["furious", "cheerful"])
    assert read_source("auto", root).unknown == {"cheerful": 1, "furious": 1}
    said = read_source("auto", root, Classes((("furious", "angry"), ("cheerful", "leave-out"))))
    assert (said.table["expression"].tolist(), said.left_out, said.problems) == (["angry"], {"cheerful": 1}, [])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.jfif", "JPEG"), ("a.jpe", "JPEG"), ("a.jp2", "JPEG2000"), ("a.pnm", "PPM"), ("a.tga", "TGA"),
        ("a.avif", "AVIF"), ("a", "PNG"), ("a.dat", "JPEG"), ("a.png", "JPEG"), ("a.JPG", "WEBP"),
    ],
)  # fmt: skip
def test_what_a_picture_is_its_content_says(tmp_path, name, kind):
    write_image(tmp_path / "p.png", size=64)
    (tmp_path / "set" / "happy").mkdir(parents=True)
    Image.open(tmp_path / "p.png").save(tmp_path / "set" / "happy" / name, format=kind)
    (tmp_path / "set" / "happy" / "notes.txt").write_text("no picture")
    found = inspect_source(tmp_path / "set")
    assert (found.n, found.left_out, found.problems) == (1, {"not an image": 1}, ())


def test_heic_pictures_are_told_apart_with_the_way_to_read_them(tmp_path, monkeypatch):
    write_image(tmp_path / "happy" / "a.png")
    (tmp_path / "happy" / "b.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    monkeypatch.setattr("fer_core.sources.readers.image_folder.has_extra", lambda extra: False)
    monkeypatch.setattr("fer_core.pictures.image_files._register_heic", lambda: False)
    found = inspect_source(tmp_path)
    assert found.n == 1
    assert found.notes == ("to read 1 HEIC picture, install pillow-heif: pip install pillow-heif",)
    assert "pip install pillow-heif" in found.problems[0].message


def test_split_folders_may_be_called_sets(tmp_path):
    root = write_classes(tmp_path, ("angry", "happy"), ("Training_set", "val_set", "test_set"))
    assert read_source("auto", root).table["usage"].value_counts().to_dict() == {"train": 2, "val": 2, "test": 2}


def test_what_lies_beside_the_class_folders_of_a_split_is_a_problem(tmp_path):
    root = write_classes(tmp_path, ["angry", "furious"], ("train/images", "val/images"))
    write_image(root / "train" / "a.png")
    write_image(root / "val" / "images" / "b.png")
    reading = read_source("auto", root)
    assert reading.table["origin"].tolist() == ["train/images/angry/im0.png", "val/images/angry/im0.png"]
    assert reading.table["usage"].tolist() == ["train", "val"]
    assert reading.unknown == {"furious": 2}
    where = {problem.origin for problem in reading.problems if problem.message == "it is not in a class folder"}
    assert where == {"train/a.png", "val/images/b.png"}


def test_class_folders_beside_a_folder_of_images_are_the_classes(tmp_path):
    root = write_classes(tmp_path, ["angry", "happy"], ("train", "test"))
    write_image(root / "train" / "images" / "more" / "a.png")
    reading = read_source("auto", root)
    assert len(reading.table) == 4
    assert [problem.origin for problem in reading.problems] == ["train/images/more/a.png"]
