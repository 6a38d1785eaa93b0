import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from fer_core.datasets.assembling import decode
from fer_core.datasets.assembling.decode import Target, decode_images
from fer_core.datasets.face_file import FaceFile
from fer_core.pictures.picture import decode_face, pixels_sha256, resize_face
from tests.helpers.samples import write_image

GREY = (np.arange(48 * 48).reshape(48, 48) % 200).astype(np.uint8)


def picture(mode):
    grey = Image.fromarray(GREY)
    if mode == "I;16":
        return Image.fromarray(GREY.astype(np.uint16) * 257)
    return grey.convert("RGB").convert(mode) if mode in ("P", "RGBA", "CMYK") else grey.convert(mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_the_same_face_in_any_mode_gives_the_same_pixels_and_digest(tmp_path, mode):
    picture(mode).save(tmp_path / "a.png")
    face, digest, *_ = decode_face(tmp_path / "a.png", 48)
    assert np.array_equal(face, GREY)
    assert digest == pixels_sha256(GREY)


def test_the_digest_is_of_the_pixels_before_resizing(tmp_path):
    write_image(tmp_path / "a.png", size=96)
    assert decode_face(tmp_path / "a.png", 48)[1] == decode_face(tmp_path / "a.png", 96)[1]


def test_an_oblong_picture_gives_its_middle_square(tmp_path):
    wide = np.zeros((48, 144), np.uint8)
    wide[:, 48:96] = 200
    Image.fromarray(wide).save(tmp_path / "a.png")
    assert (decode_face(tmp_path / "a.png", 48)[0] == 200).all()


def test_transparent_parts_are_white(tmp_path):
    Image.new("RGBA", (48, 48), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (decode_face(tmp_path / "a.png", 48)[0] == 255).all()


@pytest.mark.parametrize(
    "content", [b"hello", b"", b"\xff\xd8\xff\xe0 half a jpeg"], ids=["text", "empty", "cut short"]
)
def test_what_is_no_image_is_a_problem_and_the_rest_goes_on(tmp_path, content):
    (tmp_path / "bad.jpg").write_bytes(content)
    write_image(tmp_path / "good.png")
    (chunk,) = decode_images(tmp_path, ["bad.jpg", "good.png", "missing.png"], Target(48))
    assert chunk.rows.tolist() == [1]
    assert [problem.origin for problem in chunk.problems] == ["bad.jpg", "missing.png"]


def test_a_picture_beyond_reason_is_refused_before_it_is_decoded(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="megapixels"):
        decode_face(tmp_path / "huge.png", 48)


def test_faces_of_the_right_size_are_not_touched():
    assert resize_face(GREY, 48) is GREY
    assert resize_face(GREY, 64).shape == (64, 64)


@pytest.mark.parametrize(
    ("values", "suffix"),
    [
        pytest.param((GREY / 255).astype(np.float32), "tiff", id="0 to 1"),
        pytest.param(GREY.astype(np.int32) * 2**20, "tiff", id="32 bits"),
        pytest.param(GREY.astype(np.uint16) * 257, "tiff", id="16 bits"),
    ],
)
def test_deep_pictures_are_scaled_and_not_clipped(tmp_path, values, suffix):
    Image.fromarray(values).save(tmp_path / f"a.{suffix}")
    face = decode_face(tmp_path / f"a.{suffix}", 48).face.astype(int)
    ratio = 255 / 199 if values.dtype == np.int32 else 1  # with no depth known, the brightest pixel is white
    assert np.abs(face - GREY * ratio).max() <= 1


def test_cmyk_and_one_bit_pictures_are_grey_as_they_look(tmp_path):
    picture("CMYK").save(tmp_path / "a.tiff")
    assert np.abs(decode_face(tmp_path / "a.tiff", 48).face.astype(int) - GREY).max() <= 2
    Image.fromarray(GREY > 99).save(tmp_path / "b.png")
    assert np.array_equal(decode_face(tmp_path / "b.png", 48).face, np.where(GREY > 99, 255, 0))


def test_a_transparent_colour_of_a_palette_is_white(tmp_path):
    image = Image.fromarray((GREY > 99).astype(np.uint8), "L").convert("P")
    image.putpalette([0, 0, 0, 90, 90, 90])
    image.save(tmp_path / "a.png", transparency=0)
    assert np.array_equal(decode_face(tmp_path / "a.png", 48).face, np.where(GREY > 99, 90, 255))


def test_a_turned_photograph_is_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=exif)
    assert np.array_equal(decode_face(tmp_path / "a.png", 48).face, np.rot90(GREY, -1))


def test_a_suffix_that_lies_does_not_matter(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.jpg", "PNG")
    assert np.array_equal(decode_face(tmp_path / "a.jpg", 48).face, GREY)


def test_the_first_frame_of_a_moving_picture_is_its_face_and_is_told(tmp_path):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    for suffix in ("gif", "png"):
        frames[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=frames[1:])
        Image.fromarray(GREY).save(tmp_path / f"still.{suffix}")
    file = FaceFile(tmp_path / "faces.npy", 48)
    file.create(4)
    (chunk,) = decode_images(tmp_path, ["a.gif", "a.png", "still.gif", "still.png"], Target(48, file=file))
    assert (file.open() == GREY).all()
    assert chunk.n_animated == 2


@pytest.mark.parametrize(
    ("share", "message"),
    [
        pytest.param(None, "the file does not exist", id="gone"),
        pytest.param(0, "the file is empty", id="empty"),
        pytest.param(0.7, "damaged or truncated", id="cut short"),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_file_that_changes_after_it_was_listed_is_a_problem_with_its_name(tmp_path, share, message, kind):
    Image.fromarray(GREY).save(tmp_path / "a.jpg", kind)
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "a.jpg").unlink()
    if share is not None:
        (tmp_path / "a.jpg").write_bytes(data[: int(share * len(data))])
    (chunk,) = decode_images(tmp_path, ["a.jpg"], Target(48))
    (problem,) = chunk.problems
    assert problem.origin == "a.jpg"
    assert message in problem.message


@given(data=st.data(), kind=st.sampled_from(["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"]))
@settings(max_examples=60, deadline=None)
def test_no_damage_to_a_file_is_more_than_a_problem(tmp_path_factory, data, kind):
    path = tmp_path_factory.mktemp("damaged") / "a.jpg"
    Image.fromarray(GREY).save(path, kind)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    (chunk,) = decode_images(path.parent, ["a.jpg"], Target(48))
    assert len(chunk.rows) + len(chunk.problems) == 1


def test_when_the_last_face_is_read_no_thread_of_the_pool_is_left_to_race_with_the_end_of_python(tmp_path, monkeypatch):
    monkeypatch.setattr(decode, "_FEW", 1)
    monkeypatch.setattr(decode, "n_cores", lambda: 2)
    write_image(tmp_path / "a.png")
    before = set(threading.enumerate())
    (chunk,) = decode_images(tmp_path, ["a.png"], Target(48))
    assert len(chunk.rows) == 1
    assert set(threading.enumerate()) <= before
