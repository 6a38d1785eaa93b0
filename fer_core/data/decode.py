"""Many pictures -> many faces, by as many processes as there are cores, a chunk at a time and in order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from fer_core.data.picture import Decoded, decode_face, decode_pixels
from fer_core.data.records import BOX, Problem
from fer_core.devices import n_cores
from fer_core.processes import end_with_parent
from fer_core.wording import count_of

if TYPE_CHECKING:  # as in records.py
    import pandas as pd

_CHUNK = 512
_FEW = 1000  # fewer images than this are quicker in this process than starting others
_MAX_PROCESSES = 16
_Files = tuple[Path, list[str], list[str], int, int, bool]  # root, origins, boxes, number of the first, size, align
_Pixels = tuple[np.ndarray, int, int, bool]  # (n, H, W), number of the first, size, align
T = TypeVar("T")


@dataclass(frozen=True)
class Chunk:
    """Some images, decoded: what fits is in `faces`, what does not is in `problems`.

    Attributes:
        rows: (N,) positions in the list of images.
        faces: (N, size, size) uint8.
        sha256: N digests of the pixels as read, before any resizing.
        side_px: N sides of the square that was cut out of what was read, before any resizing.
        aligned: N times whether the face was found and brought to the common frame.
        n_animated: how many of the N are a moving picture's first frame.
        problems: the rest, each with its path.
    """

    rows: np.ndarray
    faces: np.ndarray
    sha256: list[str]
    side_px: list[int]
    aligned: list[bool]
    n_animated: int
    problems: list[Problem]


def decode_images(
    root: Path, origins: list[str], size: int, boxes: list[str] | None = None, align: bool = False
) -> Iterator[Chunk]:
    """Yields the images in order, decoded as `fer_core.data.picture.decode_face` does.

    Args:
        root: the folder that the origins start from.
        origins: the images' paths, "#" and a face's name after it where there is a box.
        size: side of the faces, px.
        boxes: the place of each face in its image (`fer_core.data.records`), "" for all of it.
        align: faces are found and brought to one frame.
    """
    boxes = boxes or [""] * len(origins)
    chunks = [
        (root, origins[i : i + _CHUNK], boxes[i : i + _CHUNK], i, size, align) for i in range(0, len(origins), _CHUNK)
    ]
    yield from _share_out(_decode_files, chunks, several=len(origins) >= _FEW)


def decode_table(root: Path, table: "pd.DataFrame", size: int, align: bool = False) -> Iterator[Chunk]:
    """Yields the faces of a reading's table (its `origin`, and where it has it its `box`) as decode_images does."""
    return decode_images(root, table["origin"].tolist(), size, table[BOX].tolist() if BOX in table else None, align)


def decode_arrays(pixels: np.ndarray, size: int, align: bool = False) -> Iterator[Chunk]:
    """Yields (N, H, W) uint8 pixels in order, as decode_images does images with these pixels."""
    chunks = [(pixels[i : i + _CHUNK], i, size, align) for i in range(0, len(pixels), _CHUNK)]
    yield from _share_out(_decode_pixels, chunks, several=align and len(pixels) >= _FEW)


def note_animated(n: int) -> list[str]:
    """What is told of moving pictures; nothing where there are none."""
    return [f"{count_of(n, 'moving picture')}: the first frame of each is the face"] if n else []


def _share_out(work: Callable[[T], Chunk], chunks: list[T], several: bool) -> Iterator[Chunk]:
    """Yields work(chunk) in order, by several processes or by this one."""
    n_processes = min(n_cores(), _MAX_PROCESSES)
    if not several or n_processes == 1:
        yield from map(work, chunks)
        return
    with ProcessPoolExecutor(n_processes, get_context("spawn"), end_with_parent) as pool:
        try:
            yield from pool.map(work, chunks)
        except BaseException:  # a bad picture, or a reader that has enough: do not wait for the rest
            pool.shutdown(wait=False, cancel_futures=True)  # nor does the `with` then; at a usual end it does
            raise


def _decode_files(task: _Files) -> Chunk:
    root, origins, boxes, first, size, align = task
    rows, decoded, problems = [], [], []
    for i, (origin, box) in enumerate(zip(origins, boxes, strict=True)):
        try:
            path = f"{root}/{origin.rpartition('#')[0] if box else origin}"
            decoded.append(decode_face(path, size, box, align))
        except ValueError as error:
            problems.append(Problem(origin, str(error)))
        else:
            rows.append(first + i)
    return _build_chunk(rows, decoded, size, problems)


def _decode_pixels(task: _Pixels) -> Chunk:
    pixels, first, size, align = task
    rows = list(range(first, first + len(pixels)))
    return _build_chunk(rows, [decode_pixels(grey, size, align) for grey in pixels], size, [])


def _build_chunk(rows: list[int], decoded: list[Decoded], size: int, problems: list[Problem]) -> Chunk:
    return Chunk(
        np.array(rows, dtype=np.int64),
        np.stack([one.face for one in decoded]) if decoded else np.empty((0, size, size), np.uint8),
        [one.sha256 for one in decoded],
        [one.side_px for one in decoded],
        [one.aligned for one in decoded],
        sum(one.moves for one in decoded),
        problems,
    )
