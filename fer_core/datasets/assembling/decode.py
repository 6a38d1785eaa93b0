"""Decodes many images to faces, with one process per core, in chunks and in order."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from fer_core.base.devices import n_cores
from fer_core.base.text import count_of
from fer_core.datasets.face_file import FaceFile
from fer_core.jobs.processes import end_with_parent
from fer_core.pictures.measures import measure_faces
from fer_core.pictures.picture import Decoded, decode_face, decode_pixels
from fer_core.sources.archives.packed import Packed, find_packed, read_packed
from fer_core.sources.archives.parquet import find_picture
from fer_core.sources.records import BOX, Problem

if TYPE_CHECKING:  # as in records.py
    import pandas as pd

_CHUNK = 512
_FEW = 1000  # fewer images than this are quicker in this process than starting others
_MAX_PROCESSES = 16
T = TypeVar("T")


@dataclass(frozen=True)
class Target:
    """The format and destination of the faces; the processes write them themselves.

    Attributes:
        size: side of the faces, px.
        align: whether faces are detected and aligned.
        file: destination; None to decode only to find problems.
        first: position of the first one in the file; each image has a position, black if it has a problem.
    """

    size: int
    align: bool = False
    file: FaceFile | None = None
    first: int = 0


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """The results of decoding some images: the faces, and the problems of the rest.

    Attributes:
        rows: (N,) positions of the faces in the list of images.
        sha256: N digests of the pixels before resizing.
        side_px: N sides of the square crops before resizing.
        aligned: N flags, whether the face was detected and aligned.
        n_animated: how many of the N are the first frame of an animation.
        measures: (N, 3) float32, brightness, contrast and sharpness (`fer_core.pictures.measures`).
        problems: one for each other image, with its path.
    """

    rows: np.ndarray
    sha256: list[str]
    side_px: list[int]
    aligned: list[bool]
    n_animated: int
    measures: np.ndarray
    problems: list[Problem]


@dataclass(frozen=True, kw_only=True)
class _Files:
    """Some images of a folder: their paths, face boxes, and the position of the first in the list."""

    root: Path
    origins: list[str]
    boxes: list[str]
    start: int
    packed: Packed | None = None  # where the pictures lie in an archive

    @property
    def names(self) -> list[str]:
        """The images' paths relative to the root."""
        return [o.rpartition("#")[0] if box else o for o, box in zip(self.origins, self.boxes, strict=True)]

    def open(self) -> Iterator[str | bytes | ValueError]:
        """Yields the path or the bytes of each image, or why it cannot be read."""
        packed = read_packed(self.packed) if self.packed else [None] * len(self.origins)
        for name, found in zip(self.names, packed, strict=True):
            yield find_picture(str(self.root), name) if found is None else found


def decode_images(root: Path, origins: list[str], target: Target, boxes: list[str] | None = None) -> Iterator[Chunk]:
    """Yields the results of decoding the images with `fer_core.pictures.picture.decode_face`, in order.

    Args:
        root: the folder of the relative origins.
        origins: the images' paths, followed by "#" and a face's name if there is a box.
        target: of the faces.
        boxes: the face's box in its image (`fer_core.sources.records`), "" for the whole image.
    """
    boxes = boxes or [""] * len(origins)
    parts = [
        _Files(root=root, origins=origins[i : i + _CHUNK], boxes=boxes[i : i + _CHUNK], start=i)
        for i in range(0, len(origins), _CHUNK)
    ]
    tasks = [(replace(part, packed=find_packed(root, part.names)), target) for part in parts]
    yield from _share_out(_decode_files, tasks, several=len(origins) >= _FEW)


def decode_table(root: Path, table: "pd.DataFrame", target: Target) -> Iterator[Chunk]:
    """Decodes the faces of a reading's table (`origin`, and `box` if present) like decode_images."""
    return decode_images(root, table["origin"].tolist(), target, table[BOX].tolist() if BOX in table else None)


def decode_arrays(pixels: np.ndarray, target: Target) -> Iterator[Chunk]:
    """Like decode_images, but for (N, H, W) uint8 pixels."""
    tasks = [((pixels[i : i + _CHUNK], i), target) for i in range(0, len(pixels), _CHUNK)]
    yield from _share_out(_decode_pixels, tasks, several=target.align and len(pixels) >= _FEW)


def note_animated(n: int) -> list[str]:
    """A note on animations; empty if there are none."""
    return [f"{count_of(n, 'moving picture')}: the first frame of each is used"] if n else []


def _share_out(work: Callable[[T], Chunk], tasks: list[T], several: bool) -> Iterator[Chunk]:
    """Yields work(task) in order, computed by several processes or by this one."""
    n_processes = min(n_cores(), _MAX_PROCESSES)
    if not several or n_processes == 1:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(n_processes, get_context("spawn"), end_with_parent) as pool:
        try:
            yield from pool.map(work, tasks)
        except BaseException:  # a bad picture, or a reader that has enough: do not wait for the rest
            pool.shutdown(wait=False, cancel_futures=True)  # nor does the `with` then; at a usual end it does
            raise


def _decode_files(task: tuple[_Files, Target]) -> Chunk:
    files, target = task
    decoded: list[Decoded | None] = []
    problems = []
    for origin, box, picture in zip(files.origins, files.boxes, files.open(), strict=True):
        try:
            if isinstance(picture, ValueError):
                raise picture
            decoded.append(decode_face(picture, target.size, box, target.align))
        except ValueError as error:
            decoded.append(None)
            problems.append(Problem(origin, str(error)))
    return _finish_chunk(decoded, files.start, target, problems)


def _decode_pixels(task: tuple[tuple[np.ndarray, int], Target]) -> Chunk:
    (pixels, start), target = task
    return _finish_chunk([decode_pixels(grey, target.size, target.align) for grey in pixels], start, target, [])


def _finish_chunk(decoded: list[Decoded | None], start: int, target: Target, problems: list[Problem]) -> Chunk:
    """Writes the faces and returns their results; None marks a problem."""
    black = np.zeros((target.size, target.size), np.uint8)
    faces = np.stack([one.face if one else black for one in decoded])
    if target.file:
        target.file.write(target.first + start, faces)
    rows = np.flatnonzero([one is not None for one in decoded])
    good = [one for one in decoded if one]
    return Chunk(
        rows=start + rows,
        sha256=[one.sha256 for one in good],
        side_px=[one.side_px for one in good],
        aligned=[one.aligned for one in good],
        n_animated=sum(one.moves for one in good),
        measures=measure_faces(faces[rows]),
        problems=problems,
    )
