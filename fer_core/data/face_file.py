"""The faces of a data set on disk, a .npy file: written face by face, read a part at a time in little memory."""

import mmap
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np

from fer_core.devices import n_cores

_CHUNK = 256  # faces: what is computed of them then fits a processor's cache
_PAGES_KEPT = 64 << 20  # bytes of a memory map that are read before its pages are given back


class FaceWriter:
    """Appends faces to a file whose number of faces is known at the end only; a context manager.

    Args:
        path: the file, made anew.
        size: side of the faces, px.

    Attributes:
        n: faces written.
    """

    def __init__(self, path: Path, size: int) -> None:
        self.n = 0
        self._size = size
        self._file = path.open("wb")
        self._write_header()

    def append(self, faces: np.ndarray) -> None:
        """Writes (N, size, size) uint8 faces after those that are there."""
        assert faces.dtype == np.uint8 and faces.shape[1:] == (self._size, self._size), (faces.dtype, faces.shape)
        self._file.write(np.ascontiguousarray(faces).data)
        self.n += len(faces)

    def __enter__(self) -> "FaceWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._file:
            self._file.seek(0)
            self._write_header()

    def _write_header(self) -> None:
        """NumPy leaves room for the longest number of faces, so that the header's length never changes."""
        shape = (self.n, self._size, self._size)
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(self._file, header)


def read_chunks(faces: np.ndarray, rows: np.ndarray | None = None) -> Iterator[tuple[int, np.ndarray]]:
    """Yields (position of the first, faces) in order, (up to 256, H, W) uint8; a memory map's pages are given back.

    Args:
        faces: (N, H, W) uint8, may be memory-mapped.
        rows: which of them, in what order; None for all.
    """
    n, read = len(faces) if rows is None else len(rows), 0
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk = faces[part] if rows is None else faces[rows[part]]
        yield start, chunk
        read += chunk.nbytes
        if read > _PAGES_KEPT:
            _give_back(faces)
            read = 0
    _give_back(faces)


def map_chunks(compute: Callable[[np.ndarray], np.ndarray], faces: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """What `compute` makes of chunks of the faces, put together in order; the cores each take a part.

    Args:
        compute: (n, H, W) uint8 -> an array of length n; NumPy's own work goes on in several threads at once.
        faces: (N, H, W) uint8, may be memory-mapped.
        rows: which of them, in what order.
    """

    def work(part: np.ndarray) -> list[np.ndarray]:
        return [compute(chunk) for _, chunk in read_chunks(faces, part)]

    if not len(rows):
        return compute(faces[:0])
    with ThreadPoolExecutor(n_cores()) as pool:
        parts = pool.map(work, np.array_split(rows, n_cores()))
        return np.concatenate([result for part in parts for result in part])


def _give_back(faces: np.ndarray) -> None:
    """Lets go of a memory map's resident pages; they stay in the system's cache of the file."""
    pages = getattr(faces, "_mmap", None)
    if isinstance(pages, mmap.mmap) and hasattr(pages, "madvise"):
        pages.madvise(mmap.MADV_DONTNEED)
