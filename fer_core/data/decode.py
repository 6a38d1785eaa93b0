"""From image files to square grey faces, by several processes, a chunk at a time."""

import hashlib
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from PIL import Image, ImageOps, UnidentifiedImageError

from fer_core.data.align import align_face
from fer_core.data.jpeg import read_plain_jpeg
from fer_core.data.records import BOX, Problem
from fer_core.photos import MAX_MEGAPIXELS, flatten

_CHUNK = 512
_FEW = 1000  # fewer images than this are quicker in this process than starting others
_Task = tuple[Path, list[str], list[str], int, int, bool]  # root, origins, boxes, number of the first, size, align
T = TypeVar("T")
R = TypeVar("R")


class Decoded(NamedTuple):
    """A (size, size) uint8 grey face, the sha256 of its pixels before resizing, and what else is told of it.

    Attributes:
        moves: its picture is a moving one.
        aligned: it was found and brought to the common frame.
    """

    face: np.ndarray
    sha256: str
    moves: bool
    aligned: bool = False


@dataclass(frozen=True)
class Chunk:
    """Some images, decoded: what fits is in `faces`, what does not is in `problems`.

    Attributes:
        rows: (N,) positions in the list of images.
        faces: (N, size, size) uint8.
        sha256: N digests of the pixels as read, before any resizing.
        problems: the rest, each with its path.
        n_animated: how many of the N are a moving picture's first frame.
        aligned: (N,) bool, which were found and brought to the common frame.
    """

    rows: np.ndarray
    faces: np.ndarray
    sha256: list[str]
    problems: list[Problem]
    n_animated: int
    aligned: np.ndarray


def decode_table(root: Path, table: pd.DataFrame, size: int, align: bool = False) -> Iterator[Chunk]:
    """Yields the faces of a reading's table (its `origin`, and where it has it its `box`) as decode_images does."""
    return decode_images(root, table["origin"].tolist(), size, table[BOX].tolist() if BOX in table else None, align)


def decode_images(
    root: Path, origins: list[str], size: int, boxes: list[str] | None = None, align: bool = False
) -> Iterator[Chunk]:
    """Yields the images in order, decoded in as many processes as there are cores.

    Args:
        root: the folder that the origins start from.
        origins: the images' paths, "#" and a face's name after it where there is a box.
        size: side of the faces, px.
        boxes: the place of each face in its image (`fer_core.data.records`), "" for all of it.
        align: find each face and bring it to the common frame (`fer_core.data.align`).
    """
    boxes = boxes or [""] * len(origins)
    starts = range(0, len(origins), _CHUNK)
    chunks = [(root, origins[i : i + _CHUNK], boxes[i : i + _CHUNK], i, size, align) for i in starts]
    yield from _map_chunks(_decode_chunk, chunks, len(origins))


def align_pixels(pixels: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields, of so many (N, H, W) uint8 pixels at a time and in order, the faces and which of them were aligned.

    They are as decode_images with `align` makes them of images with these pixels: (n, size, size) uint8, (n,) bool.
    """
    chunks = [(pixels[i : i + _CHUNK], size) for i in range(0, len(pixels), _CHUNK)]
    yield from _map_chunks(_align_chunk, chunks, len(pixels))


def decode_face(path: Path | str, size: int, box: str = "", align: bool = False) -> Decoded:
    """One image, upright by its EXIF orientation, as a square grey face; what it is counts, not its file's suffix.

    The centre square of an oblong image or box, averaged when made smaller; the first frame of a moving picture.

    Args:
        path: the file.
        size: side of the face, px.
        box: the face's place in the upright image, "" for all of it; what reaches over the border is cut off.
        align: find the face and bring it to the common frame; where none is found, the rest holds.

    Raises:
        ValueError: with a phrase that says why it is no face picture.
    """
    grey, moves = _read_grey(path)
    if box:
        grey = crop_box(grey, box)
    face = align_face(grey, size) if align else None
    return Decoded(_resize(grey, size) if face is None else face, pixels_sha256(grey), moves, face is not None)


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


def crop_box(pixels: np.ndarray, box: str) -> np.ndarray:
    """The part of an upright picture that a box of `fer_core.data.records` names; raises ValueError with a phrase."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = map(int, box.split(","))
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
    if left >= right or top >= bottom:
        raise ValueError(f"the box {box} lies outside the image of {width} x {height} px")
    return pixels[top:bottom, left:right]


def _map_chunks(work: Callable[[T], R], chunks: list[T], n_images: int) -> Iterator[R]:
    """Yields work(chunk) in order, done by as many processes as there are cores where there are images enough."""
    n_workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 16)
    if n_images < _FEW or n_workers == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(work, chunks)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _resize(grey: np.ndarray, size: int) -> np.ndarray:
    """(H, W) uint8 -> (size, size) uint8: the centre square, averaged over whole blocks first where that fits."""
    height, width = grey.shape
    if height == width == size:
        return grey
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    square = (left, top, left + side, top + side)
    image = Image.fromarray(grey)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=square, reducing_gap=1.0))


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


def _decode_chunk(task: _Task) -> Chunk:
    root, origins, boxes, first, size, align = task
    rows, faces, digests, problems, aligned, n_animated = [], [], [], [], [], 0
    for i, (origin, box) in enumerate(zip(origins, boxes, strict=True)):
        try:
            path = f"{root}/{origin.rpartition('#')[0] if box else origin}"
            face, digest, moves, is_aligned = decode_face(path, size, box, align)
        except ValueError as error:
            problems.append(Problem(origin, str(error)))
            continue
        rows.append(first + i)
        faces.append(face)
        digests.append(digest)
        aligned.append(is_aligned)
        n_animated += moves
    stacked = np.stack(faces) if faces else np.empty((0, size, size), np.uint8)
    return Chunk(np.array(rows, dtype=np.int64), stacked, digests, problems, n_animated, np.array(aligned, dtype=bool))


def _align_chunk(task: tuple[np.ndarray, int]) -> tuple[np.ndarray, np.ndarray]:
    pixels, size = task
    found = [align_face(grey, size) for grey in pixels]
    faces = [_resize(grey, size) if face is None else face for grey, face in zip(pixels, found, strict=True)]
    return np.stack(faces), np.array([face is not None for face in found])
