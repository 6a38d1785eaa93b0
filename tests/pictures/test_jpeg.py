import random

import numpy as np
import pytest
from PIL import Image

from fer_core.pictures.jpeg import read_plain_jpeg
from fer_core.pictures.picture import decode_face

PIXELS = np.random.default_rng(0).integers(0, 256, (12, 13, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)


def save(path, mode="RGB", **options):
    Image.fromarray(PIXELS).convert(mode).save(path, "JPEG", **options)
    return path


def read_as_pillow_does(path):
    with Image.open(path) as image:
        image.draft("L", image.size)
        return np.asarray(image.convert("L"))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("quality", [30, 75, 95])
@pytest.mark.parametrize(
    "options", [{"subsampling": 0}, {"subsampling": 1}, {"subsampling": 2}, {"restart_marker_rows": 1}]
)
def test_a_plain_jpeg_has_the_very_pixels_that_pillow_reads(tmp_path, mode, quality, options):
    path = save(tmp_path / "a.jpg", mode, quality=quality, **options)
    assert np.array_equal(read_plain_jpeg(path), read_as_pillow_does(path))


def make_exif(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        pytest.param("RGB", {"exif": make_exif(6)}, id="turned"),
        pytest.param("CMYK", {}, id="other colours"),
        pytest.param("RGB", {"progressive": True}, id="several scans"),
    ],
)
def test_a_jpeg_that_needs_care_is_left_to_pillow(tmp_path, mode, options):
    assert read_plain_jpeg(save(tmp_path / "a.jpg", mode, **options)) is None


def test_what_is_no_jpeg_or_goes_on_after_it_or_is_too_large_a_file_is_left_to_pillow(tmp_path):
    Image.fromarray(PIXELS).save(tmp_path / "a.png")
    noise = np.random.default_rng(0).integers(0, 256, (500, 500, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.jpg", quality=95)
    (tmp_path / "two.jpg").write_bytes(2 * save(tmp_path / "a.jpg").read_bytes())
    assert read_plain_jpeg(tmp_path / "a.png") is None
    assert read_plain_jpeg(tmp_path / "two.jpg") is None
    assert read_plain_jpeg(tmp_path / "large.jpg") is None


def test_a_damaged_jpeg_is_read_as_pillow_reads_it_or_left_to_it(tmp_path):
    whole = save(tmp_path / "a.jpg").read_bytes()
    rng, path = random.Random(0), tmp_path / "damaged.jpg"
    n_read = 0
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(rng.randrange(1, 5)):
            damaged[rng.randrange(12, len(whole) - 2)] = rng.randrange(256)
        path.write_bytes(damaged)
        read = read_plain_jpeg(path)
        if read is not None:
            n_read += 1
            assert np.array_equal(read, read_as_pillow_does(path))
    assert 0 < n_read < 300


def test_a_jpeg_that_is_cut_short_anywhere_is_refused(tmp_path):
    whole = save(tmp_path / "a.jpg").read_bytes()
    for length in range(1, len(whole) - 1, 97):
        (tmp_path / "cut.jpg").write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"damaged|cannot|not an image|readable"):
            decode_face(tmp_path / "cut.jpg", 48)


def test_a_face_of_twice_the_side_becomes_the_means_of_its_blocks(tmp_path):
    grey = np.random.default_rng(1).integers(0, 256, (96, 96), dtype=np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png")
    means = (grey.reshape(48, 2, 48, 2).astype(int).sum((1, 3)) + 2) // 4
    assert np.array_equal(decode_face(tmp_path / "a.png", 48).face, means)
