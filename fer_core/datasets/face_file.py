"""The faces of a data set on disk, in a .npy file that is written and read in parts with little memory."""

import mmap
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer_core.base.devices import n_cores

_CHUNK = 256  # faces: what is computed of them then fits a processor's cache
_PAGES_KEPT = 64 << 20  # bytes of a memory map that are read before its pages are given back


@dataclass(frozen=True)
class FaceFile:
    """A file with a position for each face, filled by any process in any order; unfilled positions are black.

    Attributes:
        path: of the file.
        size: side of the faces, px.
    """

    path: Path
    size: int

    def create(self, n: int) -> None:
        """Creates the file with `n` positions, replacing an earlier one."""
        header = {"descr": "|u1", "fortran_order": False, "shape": (n, self.size, self.size)}
        with self.path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + n * self.size**2)

    def write(self, place: int, faces: np.ndarray) -> None:
        """Writes (N, size, size) uint8 faces to the N positions from `place`."""
        assert faces.dtype == np.uint8 and faces.shape[1:] == (self.size, self.size), (faces.dtype, faces.shape)
        with self.path.open("r+b") as file:
            np.lib.format.read_magic(file)
            (n, *_), *_ = np.lib.format.read_array_header_1_0(file)
            assert place + len(faces) <= n, (place, len(faces), n)
            file.seek(place * self.size**2, os.SEEK_CUR)
            file.write(np.ascontiguousarray(faces).data)

    def fill(self, faces: np.ndarray, rows: np.ndarray) -> None:
        """Creates the file with these rows of other faces, replacing an earlier one."""
        self.create(len(rows))
        for start, chunk in read_chunks(faces, rows):
            self.write(start, chunk)

    def open(self) -> np.ndarray:
        """(n, size, size) uint8, memory-mapped."""
        faces: np.ndarray = np.load(self.path, mmap_mode="r")
        return faces


def read_chunks(faces: np.ndarray, rows: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (position of the first, faces) in order, (up to 256, H, W) uint8; a memory map's pages are given back.

    Args:
        faces: (N, H, W) uint8, may be memory-mapped.
        rows: row numbers in the desired order; None for all.
    """
    n, read = len(faces) if rows is None else len(rows), 0
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = faces[part] if rows is None else faces[rows[part]]
        yield start, chunk
        read += chunk.nbytes
        if read > _PAGES_KEPT:
            give_back_pages(faces)
            read = 0
    give_back_pages(faces)


def map_chunks(compute: Callable[[np.ndarray], np.ndarray], faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The results of `compute` on chunks of the faces, joined in order; the cores work in parallel.

    Args:
        compute: (n, H, W) uint8 -> an array of length n; called in several threads.
        faces: (N, H, W) uint8, may be memory-mapped.
        rows: row numbers in the desired order.
    """

    def work(part: np.ndarray) -> list[np.ndarray]:
        return [compute(chunk) for _, chunk in read_chunks(faces, part)]

    if not len(rows):
        return compute(faces[:0])
    with ThreadPoolExecutor(n_cores()) as pool:
        parts = pool.map(work, np.array_split(rows, n_cores()))
        return np.concatenate([result for part in parts for result in part])


def give_back_pages(faces: np.ndarray) -> None:
    """Releases a memory map's resident pages; they stay in the system's file cache."""
    pages = getattr(faces, "_mmap", None)
    if isinstance(pages, mmap.mmap) and hasattr(pages, "madvise"):
        pages.madvise(mmap.MADV_DONTNEED)
