import sys

import numpy as np
import pytest
from PIL import Image

from fer_core.pictures import image_files
from fer_core.pictures.image_files import explain_unreadable, is_image, known_suffixes, open_image
from fer_core.pictures.photo import read_photo

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8))
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(40)
KINDS = ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF", "PPM", "JPEG2000", "AVIF", "TGA"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["face.jpg", "face.JFIF", "face"])
def test_content_decides_what_a_picture_is(tmp_path, kind, name):
    PICTURE.save(tmp_path / name, kind)
    assert is_image(tmp_path / name) or kind == "TGA"  # the old form of TGA has no mark
    with open_image(tmp_path / name) as image:
        assert image.size == (60, 40)
    assert read_photo((tmp_path / name).read_bytes(), name).size == (60, 40)


def test_a_tga_without_its_newer_footer_is_known_by_its_suffix(tmp_path):
    PICTURE.save(tmp_path / "old.tga", "TGA")
    data = (tmp_path / "old.tga").read_bytes().removesuffix(image_files._TGA_FOOTER)
    (tmp_path / "old.tga").write_bytes(data)
    assert is_image(tmp_path / "old.tga")


@pytest.mark.parametrize(
    "suffix", [".jpg", ".jfif", ".jpe", ".jp2", ".pnm", ".pgm", ".tga", ".avif", ".heic", ".heif", ".webp", ".tif"]
)
def test_usual_suffixes_are_known(suffix):
    assert suffix in known_suffixes()


@pytest.mark.parametrize("suffix", [".eps", ".pdf", ".mpg", ".h5", ".txt", ".csv"])
def test_what_is_no_picture_has_no_known_suffix(suffix):
    assert suffix not in known_suffixes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"path,label\n", "not a readable image", id="text"),
        pytest.param(b"P5 is a format", "not a readable image", id="text that begins like a PGM"),
        pytest.param(b"%PDF-1.7", "a PDF, not an image", id="PDF"),
        pytest.param(b"\xef\xbb\xbf\n<!DOCTYPE html>", "a web page, not an image", id="web page"),
        pytest.param(b"version https://git-lfs.github.com/spec/v1", "Git LFS pointer", id="LFS"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "a video", id="video"),
    ],
)
def test_why_a_file_is_no_picture_is_told(tmp_path, data, reason):
    (tmp_path / "face.jpg").write_bytes(data)
    assert not is_image(tmp_path / "face.jpg")
    assert reason in explain_unreadable(tmp_path / "face.jpg")
    assert reason in explain_unreadable(data)


def test_folders_and_missing_files_are_told_apart(tmp_path):
    assert explain_unreadable(tmp_path) == "it is a folder"
    assert explain_unreadable(tmp_path / "none.jpg") == "the file does not exist"
    assert not is_image(tmp_path)


def test_heic_without_its_package_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setattr(image_files, "find_spec", lambda name: None)
    image_files._register_heic.cache_clear()
    (tmp_path / "phone.jpg").write_bytes(HEIC)
    assert is_image(tmp_path / "phone.jpg")
    assert "pip install pillow-heif" in explain_unreadable(tmp_path / "phone.jpg")
    image_files._register_heic.cache_clear()


def test_an_avif_of_a_general_brand_is_not_taken_for_heic():
    assert not image_files._is_heic(b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1miaf" + bytes(36))
    assert image_files._is_heic(HEIC)


def test_heic_is_read_where_its_package_is_installed(tmp_path):
    pillow_heif = pytest.importorskip("pillow_heif")
    image_files._register_heic.cache_clear()
    pillow_heif.from_pillow(PICTURE).save(tmp_path / "phone.jpg")
    assert read_photo(tmp_path / "phone.jpg", "phone.jpg").size == (60, 40)
    assert "pillow_heif" in sys.modules
