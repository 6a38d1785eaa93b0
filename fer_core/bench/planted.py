"""Benchmark: how many near copies of each kind planted among real faces are found, and how many false ones."""

import io
import time
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from fer_core.bench.measured import Measured
from fer_core.datasets.checks.near_copies import match_near
from fer_core.datasets.dataset import open_dataset

_MIN_CONTRAST = 12  # grey levels; flatter faces show nothing to be known by


def bench_planted(name: str, n_each: int = 50, seed: int = 0, n_faces: int | None = None) -> Measured:
    """Plants `n_each` changed copies of each kind among a data set's faces, and searches for them.

    Half of the copies of every kind are mirrored. Other pairs are those found with the planted faces and
    not without them, and not connected with a planted pair.

    Args:
        name: of a data set.
        n_each: copies per kind.
        seed: of the planted copies.
        n_faces: number of the data set's faces to plant among; None for all.

    Returns:
        n, planted, seconds, cpu_seconds (of the search), kinds ([{kind, n, found}]), other_pairs.
    """
    dataset = open_dataset(name)
    rng = np.random.default_rng(seed)
    rows = np.flatnonzero(~dataset.table["sha256"].duplicated().to_numpy())
    rows = np.sort(rng.permutation(rows)[:n_faces])
    faces = np.array(dataset.faces[rows])
    good = np.flatnonzero(faces.std(axis=(1, 2)) >= _MIN_CONTRAST)
    originals = rng.choice(good, len(PLANTED) * n_each, replace=False)
    kinds = np.repeat(np.arange(len(PLANTED)), n_each)
    both = np.concatenate([faces, _plant(faces[originals], kinds, rng)])
    started, started_cpu = time.perf_counter(), time.process_time()
    pairs = match_near(both, np.arange(len(both))).pairs
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    known = {(int(a), int(b)) for a, b in pairs}
    found = np.array([(int(original), len(faces) + i) in known for i, original in enumerate(originals)])
    return {
        "n": len(faces),
        "planted": len(originals),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "kinds": [{"kind": kind, "n": n_each, "found": int(found[kinds == k].sum())} for k, kind in enumerate(PLANTED)],
        "other_pairs": _count_other(pairs, len(faces), originals),
    }


def _plant(originals: np.ndarray, kinds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, H, W) a changed copy of each face by its kind; every second one is mirrored."""
    copies = []
    for i, (original, kind) in enumerate(zip(originals, kinds, strict=True)):
        face = original[:, ::-1] if i % 2 else original
        copies.append(list(PLANTED.values())[kind](np.ascontiguousarray(face), rng))
    return np.stack(copies)


def _count_other(pairs: np.ndarray, n_faces: int, originals: np.ndarray) -> int:
    """Pairs of a planted copy and a face that is neither its original nor paired with that.

    Args:
        pairs: (n, 2) found, the smaller number first; from `n_faces` on they number the planted copies.
        n_faces: number of original faces.
        originals: (planted,) the original of each copy.
    """
    of_copy = pairs[pairs[:, 1] >= n_faces]
    source = originals[of_copy[:, 1] - n_faces]
    first = np.where(of_copy[:, 0] < n_faces, of_copy[:, 0], originals[np.maximum(of_copy[:, 0] - n_faces, 0)])
    akin = {(int(a), int(b)) for a, b in pairs[pairs[:, 1] < n_faces]}
    other = [(a, b) for a, b in zip(first.tolist(), source.tolist(), strict=True) if a != b]
    return sum((min(a, b), max(a, b)) not in akin for a, b in other)


Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _warp(face: np.ndarray, turn: float, scale: float, shift: tuple[float, float], border: int) -> np.ndarray:
    """The face turned (degrees), enlarged and shifted (px)."""
    side = len(face)
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), turn, scale)
    matrix[:, 2] += np.array(shift)
    return cv2.warpAffine(face, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=border)


def _border(rng: np.random.Generator) -> int:
    """The area outside the image: black, the edge's pixels, or the mirrored image."""
    return int(rng.choice([cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT]))


def _turn_by(degrees: float) -> Change:
    return lambda face, rng: _warp(face, degrees * rng.choice([-1, 1]), 1, (0, 0), _border(rng))


def _shift_by(share: float) -> Change:
    def change(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        right, down = rng.uniform(-1, 1, 2)
        most = share * len(face) / max(abs(right), abs(down))  # the larger of the two is the share
        return _warp(face, 0, 1, (right * most, down * most), _border(rng))

    return change


def _crop_by(share: float) -> Change:
    """A random square crop of the face, scaled back to its size."""

    def change(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        side = len(face)
        left, top = rng.uniform(0, share * side, 2)
        matrix = np.array([[1 - share, 0, left], [0, 1 - share, top]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(face, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE)

    return change


def _light(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    gain, offset = rng.uniform(0.6, 1.3), rng.uniform(-30, 30)
    return np.clip(face * gain + offset, 0, 255).astype(np.uint8)


def _encode(face: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(face).save(file, "JPEG", quality=60)
    return np.asarray(Image.open(file))


PLANTED: dict[str, Change] = {
    "rotated by 5 degrees": _turn_by(5),
    "rotated by 10 degrees": _turn_by(10),
    "rotated by 15 degrees": _turn_by(15),
    "shifted by 5 %": _shift_by(0.05),
    "shifted by 10 %": _shift_by(0.1),
    "cropped by 5 %": _crop_by(0.05),
    "cropped by 10 %": _crop_by(0.1),
    "rotated by 10 degrees, different lighting, JPEG 60": lambda face, rng: _encode(
        _light(_turn_by(10)(face, rng), rng), rng
    ),
    "different lighting": _light,
    "JPEG, quality 60": _encode,
}
