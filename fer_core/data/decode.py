"""From image files to square grey faces, by several processes, a chunk at a time."""

import hashlib
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.data.jpeg import read_plain_jpeg
from fer_core.data.opencv import load_cv2
from fer_core.data.records import BOX, Problem
from fer_core.devices import n_cores
from fer_core.photos import MAX_MEGAPIXELS, flatten
from fer_core.processes import end_with_parent

_CHUNK = 512
_FEW = 1000  # fewer images than this are quicker in this process than starting others
_Task = tuple[Path, list[str], list[str], int, int]  # root, origins, boxes, number of the first, size


class Decoded(NamedTuple):
    """A (size, size) uint8 grey face; the sha256 and the side of its pixels before resizing; if its picture moves."""

    face: np.ndarray
    sha256: str
    side_px: int
    moves: bool


@dataclass(frozen=True)
class Chunk:
    """Some images, decoded: what fits is in `faces`, what does not is in `problems`.

    Attributes:
        rows: (N,) positions in the list of images.
        faces: (N, size, size) uint8.
        sha256: N digests of the pixels as read, before any resizing.
        side_px: N sides of the square that was cut out of what was read, before any resizing.
        problems: the rest, each with its path.
        n_animated: how many of the N are a moving picture's first frame.
    """

    rows: np.ndarray
    faces: np.ndarray
    sha256: list[str]
    side_px: list[int]
    problems: list[Problem]
    n_animated: int


def decode_table(root: Path, table: pd.DataFrame, size: int) -> Iterator[Chunk]:
    """Yields the faces of a reading's table (its `origin`, and where it has it its `box`) as decode_images does."""
    return decode_images(root, table["origin"].tolist(), size, table[BOX].tolist() if BOX in table else None)


def decode_images(root: Path, origins: list[str], size: int, boxes: list[str] | None = None) -> Iterator[Chunk]:
    """Yields the images in order, decoded in as many processes as there are cores.

    Args:
        root: the folder that the origins start from.
        origins: the images' paths, "#" and a face's name after it where there is a box.
        size: side of the faces, px.
        boxes: the place of each face in its image (`fer_core.data.records`), "" for all of it.
    """
    boxes = boxes or [""] * len(origins)
    starts = range(0, len(origins), _CHUNK)
    chunks = [(root, origins[i : i + _CHUNK], boxes[i : i + _CHUNK], i, size) for i in starts]
    n_workers = min(n_cores(), 16)
    if len(origins) < _FEW or n_workers == 1:
        yield from map(_decode_chunk, chunks)
        return
    with ProcessPoolExecutor(n_workers, get_context("spawn"), end_with_parent) as pool:
        try:
            yield from pool.map(_decode_chunk, chunks)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def decode_face(path: Path | str, size: int, box: str = "") -> Decoded:
    """One image, upright by its EXIF orientation, as a square grey face; what it is counts, not its file's suffix.

    The centre square of an oblong image or box, averaged when made smaller; the first frame of a moving picture.

    Args:
        path: the file.
        size: side of the face, px.
        box: the face's place in the upright image, "" for all of it; what reaches over the border is cut off.

    Raises:
        ValueError: with a phrase that says why it is no face picture.
    """
    grey, moves = _read_grey(path)
    if box:
        grey = _crop(grey, box)
    return Decoded(_resize(grey, size), pixels_sha256(grey), min(grey.shape), moves)


def pixels_sha256(pixels: np.ndarray) -> str:
    """The digest that decode_face gives an image file of these (H, W) grey pixels."""
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def resize_faces(faces: np.ndarray, size: int) -> np.ndarray:
    """(N, H, W) uint8 -> (N, size, size) uint8, as decode_face resizes; the same array when nothing changes."""
    if faces.shape[1:] == (size, size):
        return faces
    return np.stack([_resize(face, size) for face in faces])


def note_animated(n: int) -> list[str]:
    """What is told of moving pictures; nothing where there are none."""
    return [f"{n:,} moving pictures: the first frame of each is the face"] if n else []


def _resize(grey: np.ndarray, size: int) -> np.ndarray:
    """(H, W) uint8 -> (size, size) uint8: the mean of each block where whole ones fit, else bicubic."""
    height, width = grey.shape
    if height == width == size:
        return grey
    if height == width and height % size == 0:
        cv2 = load_cv2()
        blocks: np.ndarray = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
        return blocks
    return np.asarray(ImageOps.fit(Image.fromarray(grey), (size, size), Image.Resampling.BICUBIC))


def _read_grey(path: Path | str) -> tuple[np.ndarray, bool]:
    """(H, W) uint8 upright, and whether it is a moving picture's first frame; raises ValueError with a phrase."""
    try:
        plain = read_plain_jpeg(path)
        return (plain, False) if plain is not None else _read_with_pillow(path)
    except Image.DecompressionBombError as error:
        raise ValueError(f"more than {MAX_MEGAPIXELS} megapixels") from error
    except FileNotFoundError as error:
        raise ValueError("there is no such file (any more)") from error
    except UnidentifiedImageError as error:
        raise ValueError("the file is empty" if _is_empty(path) else "not an image that can be read") from error
    except Exception as error:  # what decoders raise on a damaged file is anything: struct.error, IndexError, ...
        raise ValueError(f"an image that is damaged or cut short ({error})") from error


def _read_with_pillow(path: Path | str) -> tuple[np.ndarray, bool]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the size is checked right below; of the rest nothing can be mended here
        with Image.open(path) as image:
            if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
                raise Image.DecompressionBombError
            image.draft("L", image.size)
            moves = image.format != "MPO" and getattr(image, "is_animated", False)  # MPO: one photo, several sizes
            return np.asarray(flatten(ImageOps.exif_transpose(image)).convert("L")), moves


def _is_empty(path: Path | str) -> bool:
    try:
        return Path(path).stat().st_size == 0
    except OSError:  # gone meanwhile
        return False


def _crop(grey: np.ndarray, box: str) -> np.ndarray:
    height, width = grey.shape
    left, top, right, bottom = map(int, box.split(","))
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if left >= right or top >= bottom:
        raise ValueError(f"the box {box} lies outside the image of {width} x {height} px")
    return grey[top:bottom, left:right]


def _decode_chunk(task: _Task) -> Chunk:
    root, origins, boxes, first, size = task
    rows, faces, digests, sides, problems, n_animated = [], [], [], [], [], 0
    for i, (origin, box) in enumerate(zip(origins, boxes, strict=True)):
        try:
            face, digest, side_px, moves = decode_face(
                f"{root}/{origin.rpartition('#')[0] if box else origin}", size, box
            )
        except ValueError as error:
            problems.append(Problem(origin, str(error)))
            continue
        rows.append(first + i)
        faces.append(face)
        digests.append(digest)
        sides.append(side_px)
        n_animated += moves
    stacked = np.stack(faces) if faces else np.empty((0, size, size), np.uint8)
    return Chunk(np.array(rows, dtype=np.int64), stacked, digests, sides, problems, n_animated)
