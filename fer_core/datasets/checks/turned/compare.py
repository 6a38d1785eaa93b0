"""Compares candidates for turned copies on 16 x 16 pixels: an inexpensive test before alignment.

Floating-point arithmetic: see `fer_core.datasets.checks.turned.alignment`.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from fer_core.base.devices import n_cores
from fer_core.datasets.checks.turned.alignment import compose, fit, slope
from fer_core.datasets.checks.turned.views import PLACES, SIDE, VIEWS, View, make_warp, make_weights, place

_MIN_COARSE, _MIN_FITTED = 0.8, 0.88
_MAX_CHOSEN = 4  # of the faces that are like one face: in a set that is all alike, copies of copies join the others
_PART = 128  # pairs: what is computed of them then fits a processor's cache


class Compared(NamedTuple):
    """The candidates to align.

    Attributes:
        candidates: (C, 4) int64 of `look_up`.
        maps: (C, 2, 3) float64: approximate maps from the first face to the second, in sides from the middle.
    """

    candidates: np.ndarray
    maps: np.ndarray


def compare(small: np.ndarray, candidates: np.ndarray) -> Compared:
    """The candidates with similar discs at the view's position and slightly around it, the best of each face.

    Args:
        small: (n, 256) uint8 of `shrink`.
        candidates: (C, 4) int64 of `look_up`.
    """
    fitted, maps = np.zeros(len(candidates), np.float32), np.zeros((len(candidates), 2, 3), np.float32)
    order = np.argsort(candidates[:, 2], kind="stable")
    ends = np.cumsum(np.bincount(candidates[:, 2], minlength=len(VIEWS)))

    def work(number: int) -> None:
        of_view = order[ends[number - 1] : ends[number]]
        for start in range(0, len(of_view), _PART):
            part = of_view[start : start + _PART]
            fitted[part], maps[part] = _compare_part(small, candidates[part], VIEWS[number])

    with ThreadPoolExecutor(n_cores()) as pool:
        list(pool.map(work, range(1, len(VIEWS))))
    chosen = _choose(candidates, fitted)
    return Compared(candidates[chosen], maps[chosen].astype(float))


def _compare_part(small: np.ndarray, candidates: np.ndarray, view: View) -> tuple[np.ndarray, np.ndarray]:
    """(C,) correlations once the one was moved a little so as to fit the other, 0 where it is not near; (C, 2, 3) maps.

    Only the visible part of the view is compared.
    """
    weights = make_weights(view)
    pixels = np.flatnonzero(weights)
    weights = weights[pixels]
    face, viewed, _, mirrored = candidates.T
    first = small[face].reshape(-1, SIDE, SIDE)
    first[mirrored == 1] = first[mirrored == 1, :, ::-1]
    first = first.astype(np.float32)
    target, spread = _level(first.reshape(-1, SIDE**2)[:, pixels], weights)
    seen, _ = _level(small[viewed].astype(np.float32) @ make_warp(view)[pixels].T, weights)
    near = np.flatnonzero((target * seen) @ weights >= _MIN_COARSE)
    gradient = slope(first[near])[:, :, pixels] / spread[near, None, None]
    found = fit(target[near], gradient, seen[near], weights, PLACES[:, pixels])
    fitted, maps = np.zeros(len(candidates)), np.tile(place(view), (len(candidates), 1, 1))
    fitted[near], maps[near] = found.explained, compose(maps[near], found.step)
    return fitted, maps


def _level(pixels: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(P, K) with weighted mean 0 and standard deviation 1, and (P,) the original deviations."""
    pixels = pixels - (pixels @ weights)[:, None]
    spread = np.sqrt(np.maximum((pixels * pixels) @ weights, 1e-6))
    return pixels / spread[:, None], spread


def _choose(candidates: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    """The positions of matching candidates, up to _MAX_CHOSEN per face."""
    order = np.lexsort((candidates[:, 1], -fitted, candidates[:, 0]))
    face = candidates[order, 0]
    rank = np.arange(len(face)) - np.searchsorted(face, face)
    return np.sort(order[(fitted[order] >= _MIN_FITTED) & (rank < _MAX_CHOSEN)])
