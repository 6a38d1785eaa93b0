import io

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputError
from fer_core.pictures.photo import read_photo

COLOURS = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)


def encode(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "CMYK", "1", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_every_mode_becomes_rgb(mode, kind):
    if (mode, kind) == ("CMYK", "PNG"):
        kind = "JPEG"
    photo = read_photo(encode(Image.fromarray(COLOURS).convert(mode), kind), "photo")
    assert (photo.mode, photo.size) == ("RGB", (60, 40))


def test_sixteen_bits_are_scaled_not_clipped():
    deep = Image.fromarray((np.arange(1600).reshape(40, 40) * 40).astype(np.uint16))
    values = np.asarray(read_photo(encode(deep), "deep.png"))
    assert values.max() > 240
    assert len(np.unique(values)) > 200


def test_a_photo_taken_with_a_turned_camera_comes_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = read_photo(encode(Image.fromarray(COLOURS), "JPEG", exif=exif), "turned.jpg")
    assert photo.size == (40, 60)


def test_transparent_parts_are_white():
    photo = read_photo(encode(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "clear.png")
    assert photo.getpixel((5, 5)) == (255, 255, 255)


def png_of(width, height):
    """A PNG whose header alone tells such a size: nothing that large is made here."""
    data = bytearray(encode(Image.new("L", (16, 16))))
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"hello", r"x.jpg cannot be read as a photograph \(not a readable image\)", id="a text"),
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(encode(Image.fromarray(COLOURS), "JPEG")[:900], "is damaged or truncated", id="cut short"),
        pytest.param(png_of(9_000, 9_000), r"9,000 x 9,000 px has more than 50 megapixels", id="81 megapixels"),
        pytest.param(png_of(20_000, 20_000), "more than 50 megapixels", id="400 megapixels"),
        pytest.param(encode(Image.new("L", (4, 4))), "too small to show a face", id="4 pixels"),
    ],
)
def test_what_cannot_be_a_photo_is_told_in_a_sentence(data, message):
    with pytest.raises(InputError, match=message):
        read_photo(data, "x.jpg")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_photo(tmp_path / "none.jpg", "none.jpg")


def test_a_folder_is_not_called_a_damaged_photo(tmp_path):
    with pytest.raises(InputError, match=r"cannot be read as a photograph \(it is a folder\)"):
        read_photo(tmp_path, tmp_path.name)
