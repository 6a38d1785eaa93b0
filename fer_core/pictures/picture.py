"""From a picture file of any kind to one square grey face."""

import hashlib
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.pictures.align import align_face
from fer_core.pictures.image_files import explain_unreadable, open_image
from fer_core.pictures.jpeg import read_plain_jpeg
from fer_core.pictures.opencv import load_cv2
from fer_core.pictures.photo import MAX_MEGAPIXELS, flatten

_MIN_INSIDE = 0.5  # of a box; less of it is left where the picture is not the one that the box was drawn in
_ONE_PHOTO = ("MPO", "HEIF")  # several pictures in a file, which are sizes or views of one photo


class Decoded(NamedTuple):
    """One face and its properties.

    Attributes:
        face: (size, size) uint8, grey.
        sha256: of the pixels before resizing.
        side_px: side of the square cropped from the picture, before resizing.
        moves: the picture is animated, and this is its first frame.
        aligned: the face was found and aligned to the common frame.
    """

    face: np.ndarray
    sha256: str
    side_px: int
    moves: bool = False
    aligned: bool = False


def decode_face(path: Path | str | bytes, size: int, box: str = "", align: bool = False) -> Decoded:
    """One image, upright by its EXIF orientation, as a square grey face; its content decides, not the file's suffix.

    The centre square of an oblong image or box, averaged when reduced; the first frame of an animated picture.

    Args:
        path: the file, or its bytes.
        size: side of the face, px.
        box: the face's box in the upright image, "" for the whole image; it is clipped at the border.
        align: detect the face and align it to the common frame (`fer_core.pictures.align`).

    Raises:
        ValueError: with a phrase that says why it cannot be used.
    """
    grey, moves = _read_grey(path)
    if box:
        grey = crop_box(grey, box)
    return decode_pixels(grey, size, align)._replace(moves=moves)


def decode_pixels(grey: np.ndarray, size: int, align: bool = False) -> Decoded:
    """As decode_face, from (H, W) uint8 pixels."""
    found = align_face(grey, size) if align else None
    if found is None:
        return Decoded(resize_face(grey, size), pixels_sha256(grey), min(grey.shape))
    return Decoded(found.face, pixels_sha256(grey), found.side_px, aligned=True)


def pixels_sha256(pixels: np.ndarray) -> str:
    """The digest that decode_face returns for an image file with these (H, W) grey pixels."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def crop_box(pixels: np.ndarray, box: str) -> np.ndarray:
    """The part of an upright picture inside a box (`fer_core.sources.records`); raises ValueError with a phrase."""
    height, width = pixels.shape[:2]
    sides = (width, height, width, height)
    numbers = [round(float(n) * side) if "." in n else int(n) for n, side in zip(box.split(","), sides, strict=True)]
    left, top, right, bottom = max(numbers[0], 0), max(numbers[1], 0), min(numbers[2], width), min(numbers[3], height)
    inside = max(right - left, 0) * max(bottom - top, 0)
    if inside == 0:
        raise ValueError(f"the box {box} lies outside the image of {width} x {height} px")
    if inside < (numbers[2] - numbers[0]) * (numbers[3] - numbers[1]) * _MIN_INSIDE:
        raise ValueError(f"the box {box} lies mostly outside the image of {width} x {height} px")
    return pixels[top:bottom, left:right]


def resize_face(grey: np.ndarray, size: int) -> np.ndarray:
    """(H, W) uint8 -> (size, size) uint8: the mean of each block where whole ones fit, else bicubic.

    An oblong picture gives its centre square; a picture of that size is returned unchanged.
    """
    height, width = grey.shape
    if height == width == size:
        return grey
    if height == width and height % size == 0:
        cv2 = load_cv2()
        blocks: np.ndarray = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
        return blocks
    return np.asarray(ImageOps.fit(Image.fromarray(grey), (size, size), Image.Resampling.BICUBIC))


def _read_grey(path: Path | str | bytes) -> tuple[np.ndarray, bool]:
    """(H, W) uint8 upright, and whether the picture is animated; raises ValueError with a phrase."""
    try:
        plain = read_plain_jpeg(path)
        return (plain, False) if plain is not None else _read_with_pillow(path)
    except Image.DecompressionBombError as error:
        raise ValueError(f"more than {MAX_MEGAPIXELS} megapixels") from error
    except (UnidentifiedImageError, FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise ValueError(explain_unreadable(path)) from error
    except Exception as error:  # what decoders raise on a damaged file is anything: struct.error, IndexError, ...
        raise ValueError(f"a damaged or truncated image ({error})") from error


def _read_with_pillow(path: Path | str | bytes) -> tuple[np.ndarray, bool]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked right below; other warnings cannot be fixed here
        with open_image(path) as image:
            if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
                raise Image.DecompressionBombError
            image.draft("L", image.size)
            moves = image.format not in _ONE_PHOTO and getattr(image, "is_animated", False)
            return np.asarray(flatten(ImageOps.exif_transpose(image)).convert("L")), moves
