"""From image files to square grey faces, by several processes, a chunk at a time."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fer_core.data.records import Problem
from fer_core.photos import MAX_MEGAPIXELS, flatten

_CHUNK = 256
_FEW = 1000  # fewer images than this are quicker in this process than starting others


@dataclass(frozen=True)
class Chunk:
    """Some images, decoded: what fits is in `faces`, what does not is in `problems`.

    Attributes:
        rows: (N,) positions in the list of images.
        faces: (N, size, size) uint8.
        sha256: N digests of the pixels as read, before any resizing.
        problems: the rest, each with its path.
    """

    rows: np.ndarray
    faces: np.ndarray
    sha256: list[str]
    problems: list[Problem]


def decode_images(root: Path, origins: list[str], size: int) -> Iterator[Chunk]:
    """Yields the images in order, decoded in as many processes as there are cores."""
    chunks = [(root, origins[i : i + _CHUNK], i, size) for i in range(0, len(origins), _CHUNK)]
    n_workers = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, 16)
    if len(origins) < _FEW or n_workers == 1:
        yield from map(_decode_chunk, chunks)
        return
    with ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")) as pool:
        try:
            yield from pool.map(_decode_chunk, chunks)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def decode_face(path: Path, size: int) -> tuple[np.ndarray, str]:
    """One image as ((size, size) uint8 grey, sha256 of the grey pixels as read).

    Upright by its EXIF orientation, the centre square of an oblong one, averaged when made smaller.

    Raises:
        ValueError: with a phrase that says why it is no face picture.
    """
    try:
        with Image.open(path) as image:
            if image.width * image.height > MAX_MEGAPIXELS * 1_000_000:
                raise ValueError(f"{image.width} x {image.height} px is more than {MAX_MEGAPIXELS} megapixels")
            image.draft("L", image.size)
            grey = flatten(ImageOps.exif_transpose(image)).convert("L")
    except Image.DecompressionBombError as error:
        raise ValueError(f"more than {MAX_MEGAPIXELS} megapixels") from error
    except (OSError, SyntaxError) as error:
        raise ValueError("not an image that can be read") from error
    pixels = np.asarray(grey)
    digest = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
    if grey.size != (size, size):
        grey = ImageOps.fit(grey, (size, size), Image.Resampling.BICUBIC)
    return np.asarray(grey), digest


def pixels_sha256(pixels: np.ndarray) -> str:
    """The digest that decode_face gives an image file of these (H, W) grey pixels."""
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def resize_faces(faces: np.ndarray, size: int) -> np.ndarray:
    """(N, H, W) uint8 -> (N, size, size) uint8, as decode_face resizes; the same array when nothing changes."""
    if faces.shape[1:] == (size, size):
        return faces
    resized = [ImageOps.fit(Image.fromarray(face), (size, size), Image.Resampling.BICUBIC) for face in faces]
    return np.stack([np.asarray(face) for face in resized])


def _decode_chunk(task: tuple[Path, list[str], int, int]) -> Chunk:
    root, origins, first, size = task
    rows, faces, digests, problems = [], [], [], []
    for i, origin in enumerate(origins):
        try:
            face, digest = decode_face(root / origin, size)
        except ValueError as error:
            problems.append(Problem(origin, str(error)))
            continue
        rows.append(first + i)
        faces.append(face)
        digests.append(digest)
    stacked = np.stack(faces) if faces else np.empty((0, size, size), np.uint8)
    return Chunk(np.array(rows, dtype=np.int64), stacked, digests, problems)
