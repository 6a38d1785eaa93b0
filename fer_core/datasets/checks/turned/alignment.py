"""Aligns two faces that may be turned, shifted or cropped copies, and compares the area visible in both.

Many pairs are aligned at once: each step linearises the first face at its current position, and solves for the six
numbers of an affine map, contrast and brightness by least squares. Two steps on half the side, then one on the whole
side for the pairs that are still undecided. The arithmetic is floating point, so a pair right at a threshold may be
found on one machine and not on another.

Source: Baker and Matthews, Lucas-Kanade 20 Years On, 2004 (the inverse compositional step); Evangelidis and Psarakis,
Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization, 2008 (contrast and brightness).
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from fer_core.pictures.opencv import load_cv2

_LARGEST_TURN, _LARGEST_SCALE, _LARGEST_SHIFT = 20.0, 1.2, 0.16  # degrees, ratio, sides: beyond, it is no such copy
_LARGEST_SKEW = 0.06
_DISC = 0.47  # radius, in sides
_MIN_AREA = 0.5  # of the disc that both show
_LARGEST_SIDE = 64  # px; larger faces are aligned and compared at half of it
_N_STEPS = 2
_UNDECIDED = 0.85, 0.95  # correlations after the steps on half the side that a step on the whole may yet raise


class Disc(NamedTuple):
    """The compared pixels of a face.

    Attributes:
        pixels: (K,) which of the S * S.
        places: (3, K) float32: x and y in sides from the middle, and 1.
    """

    pixels: np.ndarray
    places: np.ndarray


class Fit(NamedTuple):
    """One step of aligning P pairs.

    Attributes:
        step: (P, 2, 3) float64: the remaining affine map of the first face, minus the identity.
        explained: (P,) float64: the correlation that the step would give if the faces were linear.
    """

    step: np.ndarray
    explained: np.ndarray


def align_pairs(first: np.ndarray, second: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """(P,) float64: the correlation of the area visible in both aligned faces; -1 if they do not align.

    Args:
        first: (P, S, S) uint8, S even.
        second: likewise.
        maps: (P, 2, 3) approximate maps from positions in the first face to the second, in sides from the middle.
    """
    first, second = _reduce(first), _reduce(second)
    maps = _follow(_halve(first), _halve(second), maps, _N_STEPS)
    correlation = _correlate(first, second, maps)
    open_ = np.flatnonzero((correlation >= _UNDECIDED[0]) & (correlation < _UNDECIDED[1]))
    maps[open_] = _follow(first[open_], second[open_], maps[open_], 1)
    correlation[open_] = _correlate(first[open_], second[open_], maps[open_])
    return np.where(_is_plausible(maps), correlation, -1.0)


def fit(target: np.ndarray, gradient: np.ndarray, seen: np.ndarray, weight: np.ndarray, places: np.ndarray) -> Fit:
    """The least-squares step from what is seen to the target.

    Args:
        target: (P, K) float32 pixels.
        gradient: (P, 2, K) float32 of the target, right and down, a side.
        seen: (P, K) float32 pixels.
        weight: (P, K) or (K,) float32: weight of each pixel, 0 if it is not visible.
        places: (3, K) of `Disc`.
    """
    n, n_pixels = target.shape
    causes = np.empty((n, 9, n_pixels), np.float32)
    root = np.broadcast_to(np.sqrt(weight), target.shape)
    np.multiply((gradient * root[:, None])[:, :, None], places, out=causes[:, :6].reshape(n, 2, 3, n_pixels))
    np.multiply(seen, root, out=causes[:, 6])
    causes[:, 7] = root
    np.multiply(target, root, out=causes[:, 8])
    products = (causes @ causes.transpose(0, 2, 1)).astype(float)  # (P, 9, 9)
    normal, moment = products[:, :8, :8], products[:, :8, 8]
    spread = products[:, 8, 8] - moment[:, 7] ** 2 / np.maximum(normal[:, 7, 7], 1e-9)
    normal = normal + 1e-4 * np.maximum(normal[:, 7, 7], 1e-3)[:, None, None] * np.eye(8)
    solution = np.linalg.solve(normal, moment[:, :, None])[:, :, 0]
    left = products[:, 8, 8] - (solution * moment).sum(1)
    explained = np.sqrt(np.clip(1 - left / np.maximum(spread, 1e-9), 0, 1))
    return Fit(-solution[:, :6].reshape(-1, 2, 3), explained)


def compose(maps: np.ndarray, step: np.ndarray) -> np.ndarray:
    """(P, 2, 3) float64: the maps after a step of `fit`."""
    linear = np.eye(2) + step[:, :, :2]
    linear = maps[:, :, :2] @ np.linalg.inv(linear)
    return np.concatenate([linear, maps[:, :, 2:] - linear @ step[:, :, 2:]], axis=2)


def standardise(faces: np.ndarray) -> np.ndarray:
    """(P, S, S) -> float32 of mean 0 and standard deviation 1; constant faces become 0."""
    faces = faces - faces.mean((1, 2), keepdims=True, dtype=np.float32)
    spread = np.sqrt(np.einsum("pij,pij->p", faces, faces) / faces[0].size)
    faces /= np.maximum(spread, 1e-3)[:, None, None]
    return faces


def slope(faces: np.ndarray) -> np.ndarray:
    """(P, S, S) float32 -> (P, 2, S * S) float32, by how much a pixel differs a side to the right and down."""
    side = faces.shape[1]
    slopes = np.empty((len(faces), 2, side, side), np.float32)
    for axis, out in ((2, slopes[:, 0]), (1, slopes[:, 1])):
        ahead, at = np.moveaxis(faces, axis, 0), np.moveaxis(out, axis, 0)
        at[1:-1] = (ahead[2:] - ahead[:-2]) * np.float32(side / 2)
        at[0], at[-1] = (ahead[1] - ahead[0]) * side, (ahead[-1] - ahead[-2]) * side
    return slopes.reshape(len(faces), 2, side**2)


@cache
def make_disc(side: int) -> Disc:
    """The pixels of the disc in a face of that side."""
    across = (np.arange(side) + 0.5) / side - 0.5
    x, y = (axis.ravel() for axis in np.meshgrid(across, across))
    pixels = np.flatnonzero(x**2 + y**2 < _DISC**2)
    return Disc(pixels, np.stack([x, y, np.ones_like(x)])[:, pixels].astype(np.float32))


def _follow(first: np.ndarray, second: np.ndarray, maps: np.ndarray, n_steps: int) -> np.ndarray:
    """The maps after that many steps."""
    if not len(first):
        return maps
    first, second = standardise(first), standardise(second)
    disc = make_disc(first.shape[1])
    target, gradient = _take(first, disc), slope(first)[:, :, disc.pixels]
    for _ in range(n_steps):
        seen = _take(_warp(second, maps), disc)
        weight = _mark_inside(maps, first.shape[1]).astype(np.float32)
        maps = compose(maps, fit(target, gradient, seen, weight, disc.places).step)
    return maps


def _correlate(first: np.ndarray, second: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """(P,) float64 correlation of the pixels visible in both; -1 if these are too few."""
    disc = make_disc(first.shape[1])
    inside = _mark_inside(maps, first.shape[1]).astype(np.float32)
    n = inside.sum(1)
    a, b = _take(first, disc), _take(_warp(second, maps), disc)
    for pixels in (a, b):
        pixels -= (np.einsum("pk,pk->p", pixels, inside) / np.maximum(n, 1))[:, None]
        pixels *= inside
    spread = np.einsum("pk,pk->p", a, a) * np.einsum("pk,pk->p", b, b)
    correlation = np.einsum("pk,pk->p", a, b) / np.sqrt(np.maximum(spread, 1e-9))
    return np.where(n >= _MIN_AREA * len(disc.pixels), correlation, -1.0).astype(float)


def _warp(faces: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """(P, S, S) float32: the faces warped by the maps."""
    cv2, side = load_cv2(), faces.shape[1]
    matrices = maps.copy()
    matrices[:, :, 2] = maps[:, :, 2] * side + (side - 1) / 2 * (1 - maps[:, :, :2].sum(2))
    warped, flags = np.empty_like(faces), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for face, matrix, out in zip(faces, matrices, warped, strict=True):
        cv2.warpAffine(face, matrix, (side, side), dst=out, flags=flags)
    return warped


def _mark_inside(maps: np.ndarray, side: int) -> np.ndarray:
    """(P, K) bool: the pixels of the disc that are inside the second face too."""
    at = maps.astype(np.float32) @ make_disc(side).places
    return (np.abs(at) <= (side - 1) / 2 / side).all(axis=1)


def _is_plausible(maps: np.ndarray) -> np.ndarray:
    """(P,) bool: whether the map's rotation, scale and shift are plausible for a copy."""
    (a, b), (c, d) = maps[:, 0, :2].T, maps[:, 1, :2].T
    scale = np.sqrt(np.abs(a * d - b * c)).clip(1e-6)
    turn = np.arctan2(c - b, a + d)
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    skew = np.abs([a - cos, b + sin, c - sin, d - cos]).max(0) / scale
    return (
        (np.abs(np.degrees(turn)) <= _LARGEST_TURN)
        & (np.abs(np.log(scale)) <= np.log(_LARGEST_SCALE))
        & (skew <= _LARGEST_SKEW)
        & (np.abs(maps[:, :, 2]).max(1) <= _LARGEST_SHIFT)
    )


def _take(faces: np.ndarray, disc: Disc) -> np.ndarray:
    return faces.reshape(len(faces), faces.shape[1] ** 2)[:, disc.pixels]


def _reduce(faces: np.ndarray) -> np.ndarray:
    """(P, S, S) float32, halved while the side is larger than _LARGEST_SIDE."""
    faces = faces.astype(np.float32)
    while faces.shape[1] > _LARGEST_SIDE and faces.shape[1] % 4 == 0:
        faces = _halve(faces)
    return faces


def _halve(faces: np.ndarray) -> np.ndarray:
    """(P, S, S) float32 -> (P, S / 2, S / 2), the means of blocks."""
    rows = faces[:, ::2] + faces[:, 1::2]
    return (rows[:, :, ::2] + rows[:, :, 1::2]) / 4
