"""Benchmark: how many near copies of held-out faces the search finds, compared with comparing all faces."""

import time

import numpy as np

from fer_core.bench.measured import Measured
from fer_core.datasets.checks.near_copies import MIN_CORRELATION, find_near_pairs
from fer_core.datasets.dataset import open_dataset

_PART = 512


def bench_recall(name: str) -> Measured:
    """Compares the pixels of every validation and test face with every training face, plain and mirrored.

    Only the first of each set of exact copies counts. The time grows with the product of the two numbers.

    Args:
        name: of a data set.

    Returns:
        pairs (above MIN_CORRELATION), found (of them, by the search), faces (held out, in these pairs), faces_found (of
        them, those with a found pair), seconds (to compare all).
    """
    dataset = open_dataset(name)
    rows = np.flatnonzero(~dataset.table["sha256"].duplicated().to_numpy())
    faces = np.array(dataset.faces[rows])
    is_train = (dataset.table["split"].to_numpy()[rows] == "train").nonzero()[0]
    held_out = np.setdiff1d(np.arange(len(rows)), is_train)
    started = time.perf_counter()
    pairs = compare_all(faces, held_out, is_train)
    seconds = time.perf_counter() - started
    known = {(int(a), int(b)) for a, b in find_near_pairs(faces, np.arange(len(rows)))}
    found = np.array([(min(a, b), max(a, b)) in known for a, b in pairs.tolist()], bool)
    return {
        "pairs": len(pairs),
        "found": int(found.sum()),
        "faces": len(np.unique(pairs[:, 0])),
        "faces_found": len(np.unique(pairs[found, 0])),
        "seconds": seconds,
    }


def compare_all(faces: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(P, 2) int64 positions of correlated faces, one in `first` and one in `second`, plain or mirrored."""
    others = _normalise(faces[second]).T
    pairs = [np.empty((0, 2), np.int64)]
    for start in range(0, len(first), _PART):
        part = first[start : start + _PART]
        near = _normalise(faces[part]) @ others >= MIN_CORRELATION
        near |= _normalise(faces[part][:, :, ::-1]) @ others >= MIN_CORRELATION
        i, j = near.nonzero()
        pairs.append(np.column_stack([part[i], second[j]]))
    return np.concatenate(pairs)


def _normalise(faces: np.ndarray) -> np.ndarray:
    """(N, H, H) uint8 -> (N, H * H) float32 of mean 0 and length 1, whose products are correlations."""
    pixels = faces.reshape(len(faces), -1).astype(np.float32)
    pixels -= pixels.mean(1, keepdims=True)
    return pixels / np.maximum(np.linalg.norm(pixels, axis=1, keepdims=True), 1e-6)
