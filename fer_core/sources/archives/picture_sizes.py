"""The sizes of pictures without decoding them."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from fer_core.pictures.image_files import open_image
from fer_core.sources.archives.packed import find_packed, read_packed
from fer_core.sources.archives.parquet import find_picture

_ORIENTATION, _FIRST_TURNED = 0x0112, 5  # EXIF: from 5 on, width and height change places


def read_sizes(root: Path, names: list[str]) -> Iterator[tuple[int, int] | None]:
    """Yields (width, height) in px of each picture, upright by its EXIF orientation; None if it cannot be opened.

    Args:
        root: the source's folder, or the one that represents its archive.
        names: the pictures' paths below it, or rows of Parquet files; "" for no picture.
    """
    packed = find_packed(root, names)
    found = read_packed(packed) if packed else (None for _ in names)
    last: tuple[str, tuple[int, int] | None] = "", None
    for name, data in zip(names, found, strict=True):
        if name != last[0]:
            last = name, _read_size(find_picture(str(root), name) if data is None else data)
        yield last[1]


def _read_size(picture: str | bytes | ValueError) -> tuple[int, int] | None:
    if isinstance(picture, ValueError):
        return None
    try:
        with open_image(picture) as image:
            width, height = image.size
            is_turned = image.getexif().get(_ORIENTATION, 1) >= _FIRST_TURNED
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (height, width) if is_turned else (width, height)
