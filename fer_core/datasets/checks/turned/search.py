"""Near copies that were turned, shifted or cropped, as left by augmentation before the split.

Each face is hashed as it would look turned, shifted or cropped, one view for each step of a grid
(`fer_core.datasets.checks.turned.views`), and those hashes are looked up among the plain ones and their mirror images
(`fer_core.datasets.checks.turned.lookup`). Matches are compared on 16 x 16 pixels
(`fer_core.datasets.checks.turned.compare`); those that still match are aligned
(`fer_core.datasets.checks.turned.alignment`), and the correlation of the common area decides.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from fer_core.base.devices import n_cores
from fer_core.datasets.checks.turned.alignment import align_pairs
from fer_core.datasets.checks.turned.compare import Compared, compare
from fer_core.datasets.checks.turned.lookup import N_SHUFFLES, look_up
from fer_core.datasets.checks.turned.views import SIDE, hash_views, shrink
from fer_core.datasets.face_file import give_back_pages, map_chunks
from fer_core.datasets.info import DatasetInfo

MAX_FACES = 60_000
"""More are searched only where a person asks for it: the search takes several times as long as the upright one."""

MIN_CORRELATION = 0.95
"""Of the common area after alignment, which has more freedom than the comparison of upright faces (0.92).

Chosen by looking at pairs from FER2013 and the AffectNet-shaped sample that the upright search does not find: of 48
from 0.95 to 0.96 one or two showed two pictures, of 48 above 0.96 none. Of FER2013's pairs that only the present
comparison finds, 48 from 0.95 to 0.96 held one wrong one and 48 above 0.96 none.
"""

_N_STEPS = N_SHUFFLES + 3  # hashing, looking up, comparing and aligning, as a person is told
_PART = 64  # pairs: what is computed of them then fits a processor's cache
_ROUND = 64 * _PART  # pairs, after which a memory map's pages are given back

Progress = Callable[[int, int], None]


def is_searched(n: int, wanted: bool | None = None) -> bool:
    """Whether turned copies are searched for among `n` different faces; by default up to MAX_FACES."""
    return n <= MAX_FACES if wanted is None else wanted


def explain_unsearched(info: DatasetInfo) -> str:
    """A sentence on why turned copies were not searched for; "" if they were, or if no near copies were.

    Args:
        info: of the data set; "" if an early version did not record this.
    """
    if info.turned_searched or not info.recipe.near:
        return ""
    chosen = info.recipe.turned is False
    why = "as requested" if chosen else f"because there are more than {MAX_FACES:,} different faces"
    return f"Turned, shifted and cropped copies were not searched for, {why}."


def find_turned_pairs(
    faces: np.ndarray, rows: np.ndarray, known: np.ndarray, progress: Progress = lambda done, total: None
) -> tuple[np.ndarray, np.ndarray]:
    """(P, 2) int64 positions in `rows` of turned, shifted or cropped copies, the smaller one first, and (P,) float64.

    The second is the correlation of the common area. The search takes about 600 bytes of memory per face.

    Args:
        faces: (N, H, W) uint8, may be memory-mapped; the side a multiple of 16 px, else none is found.
        rows: (n,) the faces to compare.
        known: (K, 2) known pairs of positions to skip, the smaller one first.
        progress: called with steps done and steps in total.
    """
    if len(rows) < 2 or faces.shape[1] % SIDE:
        return np.empty((0, 2), np.int64), np.empty(0)
    progress(0, _N_STEPS)
    small = map_chunks(shrink, faces, rows)
    hashes = map_chunks(hash_views, small, np.arange(len(small)))
    candidates = look_up(hashes, lambda done, _: progress(1 + done, _N_STEPS))
    del hashes
    code = np.sort(candidates[:, :2], axis=1) @ [len(rows), 1]
    compared = compare(small, candidates[~np.isin(code, known @ [len(rows), 1])])
    progress(_N_STEPS - 1, _N_STEPS)
    correlation = _align(faces, rows, compared)
    near = correlation >= MIN_CORRELATION
    return np.sort(compared.candidates[near, :2], axis=1), correlation[near]


def _align(faces: np.ndarray, rows: np.ndarray, compared: Compared) -> np.ndarray:
    """(C,) correlation of each pair's common area after alignment; -1 if it does not align."""

    def work(start: int) -> np.ndarray:
        part = slice(start, start + _PART)
        face, viewed, _, mirrored = compared.candidates[part].T
        first, second = faces[rows[face]], faces[rows[viewed]]
        first[mirrored == 1] = first[mirrored == 1, :, ::-1]
        return align_pairs(first, second, compared.maps[part])

    n, correlation = len(compared.candidates), [np.empty(0)]
    with ThreadPoolExecutor(n_cores()) as pool:
        for begin in range(0, n, _ROUND):
            correlation += pool.map(work, range(begin, min(begin + _ROUND, n), _PART))
            give_back_pages(faces)
    return np.concatenate(correlation)
