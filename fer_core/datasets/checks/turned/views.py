"""Views of a face as turned, shifted or cropped, and their hashes.

The middle of each face, a soft disc, has a 64-bit hash of its own: the signs of its lowest cosine coefficients. A view
is a linear map of a 16 x 16 face, so the hashes of all views of many faces are one matrix product. All of it is
whole-number arithmetic, the same on any machine.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

SIDE = 16  # px, of the faces that are hashed
_RADIUS = 0.42  # of the disc, in sides of the face
_BASIS = sorted(((u, v) for u in range(11) for v in range(11) if 0 < u + v < 11), key=lambda at: (sum(at), at[0]))[:64]
ODD = np.packbits(np.array([v % 2 == 1 for _, v in _BASIS])).view(">u8").astype(np.uint64)[0]
"""The bits that differ between the hash of a face and that of its mirror image."""


_ACROSS = (np.arange(SIDE) + 0.5) / SIDE - 0.5  # the middles of the pixels, in sides from the middle of the face
PLACES = np.stack([*(axis.ravel() for axis in np.meshgrid(_ACROSS, _ACROSS)), np.ones(SIDE**2)]).astype(np.float32)
"""(3, 256): x, y and 1 of each pixel."""


class View(NamedTuple):
    """A view of a face: turned (degrees), enlarged (ratio) and shifted (sides, right and down)."""

    turn: float
    scale: float
    right: float
    down: float


def _list_views() -> list[View]:
    """The upright view, then the steps of the grid; its mirror image is the grid itself."""
    shifts = (-0.095, -0.0475, 0.0, 0.0475, 0.095)
    crops = {1.05: (-0.0125, 0.0125), 1.1: (-0.04, -0.0133, 0.0133, 0.04)}
    views = [View(0, 1, 0, 0)]
    views += [View(turn, 1, 0, 0) for turn in (-14, -9.5, -5, 5, 9.5, 14)]
    views += [View(0, 1, x, y) for x in shifts for y in shifts if x or y]
    return views + [View(0, scale, x, y) for scale, places in crops.items() for x in places for y in places]


VIEWS = _list_views()


def shrink(faces: np.ndarray) -> np.ndarray:
    """(n, S, S) uint8 -> (n, 256) uint8, the means of blocks as 16 x 16 pixels; S is a multiple of 16."""
    block = faces.shape[1] // SIDE
    rows = faces[:, ::block].astype(np.uint16)  # slices added up: five times as fast as a sum over two axes
    for i in range(1, block):
        rows += faces[:, i::block]
    sums = rows[:, :, ::block].copy()
    for i in range(1, block):
        sums += rows[:, :, i::block]
    return (sums // block**2).astype(np.uint8).reshape(len(faces), SIDE**2)


def hash_views(small: np.ndarray) -> np.ndarray:
    """(n, V) uint64 hashes of the faces' middles in each of VIEWS, the upright one first.

    Args:
        small: (n, 256) uint8 of `shrink`.
    """
    bits = small.astype(np.float32) @ _make_maps() > 0  # whole numbers below 2^24: exact
    return np.packbits(bits, axis=1).view(">u8").astype(np.uint64)


def place(view: View) -> np.ndarray:
    """(2, 3) float64: from a place (x, y) in the view to the place in the face, both in sides from the middle."""
    return np.column_stack([turn_by(view.turn) / view.scale, [view.right, view.down]])


def turn_by(degrees: float) -> np.ndarray:
    """(2, 2) float64: the rotation."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])


@cache
def make_window() -> np.ndarray:
    """(256,) float64 weights of the 16 x 16 pixels that sum to 1: a disc that fades out."""
    distance = np.sqrt(_ACROSS**2 + _ACROSS[:, None] ** 2)
    window = np.clip((_RADIUS - distance) / 0.1 + 0.5, 0, 1).ravel()
    return window / window.sum()


@cache
def make_warp(view: View) -> np.ndarray:
    """(256, 256) float32: from a small face to the view of it, between pixels by both neighbours."""
    warp = np.zeros((SIDE**2, SIDE, SIDE))
    at = np.clip(_look_at(view), 0, SIDE - 1)
    corner = np.minimum(at.astype(int), SIDE - 2)
    (left, top), (right, down) = corner.T, (at - corner).T
    for y, of_rows in ((0, 1 - down), (1, down)):
        for x, of_columns in ((0, 1 - right), (1, right)):
            warp[np.arange(SIDE**2), top + y, left + x] = of_rows * of_columns
    return warp.reshape(SIDE**2, SIDE**2).astype(np.float32)


@cache
def make_weights(view: View) -> np.ndarray:
    """(256,) float32 that sum to 1: the window without the pixels of the view outside the face."""
    at = _look_at(view)
    weights = make_window() * ((at >= 0) & (at <= SIDE - 1)).all(axis=1)
    return (weights / weights.sum()).astype(np.float32)


def _look_at(view: View) -> np.ndarray:
    """(256, 2) float64: the position of each pixel of a view in the small face, x and y, px."""
    return (place(view) @ PLACES.astype(float)).T * SIDE + (SIDE - 1) / 2


@cache
def _make_maps() -> np.ndarray:
    """(256, V * 64) float32 whole numbers -127 to 127, each column summing to 0: from small faces to their hashes."""
    across = _ACROSS / (2 * _RADIUS) + 0.5
    waves = np.array([np.outer(np.cos(np.pi * u * across), np.cos(np.pi * v * across)).ravel() for u, v in _BASIS])
    window = make_window()
    waves = (waves - (waves @ window)[:, None]) * window
    rows = np.concatenate([_round(waves @ make_warp(view)) for view in VIEWS])
    return np.ascontiguousarray(rows.T.astype(np.float32))


def _round(rows: np.ndarray) -> np.ndarray:
    """Whole numbers -127 to 127, each row summing to 0."""
    rows = np.rint(127 * rows / np.abs(rows).max(1, keepdims=True))
    rows[np.arange(len(rows)), np.abs(rows).argmax(1)] -= rows.sum(1)
    return rows
