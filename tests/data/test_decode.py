import numpy as np
import pytest
from PIL import Image

from fer_core.data.decode import decode_face, decode_images, pixels_sha256, resize_faces
from tests.samples import write_image

GREY = (np.arange(48 * 48).reshape(48, 48) % 200).astype(np.uint8)


def picture(mode):
    grey = Image.fromarray(GREY)
    if mode == "I;16":
        return Image.fromarray(GREY.astype(np.uint16) * 257)
    return grey.convert("RGB").convert(mode) if mode in ("P", "RGBA", "CMYK") else grey.convert(mode)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
def test_the_same_face_in_any_mode_gives_the_same_pixels_and_digest(tmp_path, mode):
    picture(mode).save(tmp_path / "a.png")
    face, digest = decode_face(tmp_path / "a.png", 48)
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
    (chunk,) = decode_images(tmp_path, ["bad.jpg", "good.png", "missing.png"], 48)
    assert chunk.rows.tolist() == [1]
    assert [problem.origin for problem in chunk.problems] == ["bad.jpg", "missing.png"]


def test_a_picture_beyond_reason_is_refused_before_it_is_decoded(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    with pytest.raises(ValueError, match="megapixels"):
        decode_face(tmp_path / "huge.png", 48)


def test_faces_of_the_right_size_are_not_touched():
    faces = GREY[None]
    assert resize_faces(faces, 48) is faces
    assert resize_faces(faces, 64).shape == (1, 64, 64)
