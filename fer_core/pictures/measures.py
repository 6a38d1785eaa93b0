"""Measurements of a face picture: brightness, contrast and sharpness, from which quality flags are derived.

Separate from the tables, so that the processes that read pictures need not import pandas.
"""

from functools import cache

import numpy as np
from PIL import Image

BRIGHTNESS, CONTRAST, SHARPNESS = "brightness", "contrast", "sharpness"
MEASURES = (BRIGHTNESS, CONTRAST, SHARPNESS)

_MEASURED_PX = 48  # sharpness is that of the face at this side, so that it is the same in data sets of any size
_PART = 64  # faces: what is computed of them then fits a processor's cache


def measure_faces(faces: np.ndarray) -> np.ndarray:
    """(N, 3) float32 of (N, H, H) uint8: brightness, contrast and sharpness of each.

    brightness: the 95th percentile of the pixels; 0 is black, 1 is white.
    contrast: the standard deviation of the pixels, 0 to 0.5, on the same scale.
    sharpness: the finest detail relative to that of twice the size (the root of the ratio of the Laplacians' mean
    squares), so that contrast cancels: 0.25 is a soft gradient without detail, photographs are around 0.7, and noise
    is above 1.
    """
    measured = np.empty((len(faces), len(MEASURES)), np.float32)
    shrink = _shrink_by(faces.shape[1])
    for start in range(0, len(faces), _PART):
        part = faces[start : start + _PART]
        grey = part.astype(np.float32)
        sharpness = _measure_sharpness(grey if shrink is None else shrink @ grey @ shrink.T)
        measured[start : start + _PART] = np.column_stack([*_measure_greys(part), sharpness])
    return measured


@cache
def _shrink_by(side: int) -> np.ndarray | None:
    """(48, side) float32 that resizes as assembling does, or None if no resizing is needed."""
    if side == _MEASURED_PX:
        return None
    identity = Image.fromarray(np.eye(side, dtype=np.float32))
    return np.asarray(identity.resize((side, _MEASURED_PX), Image.Resampling.BICUBIC))


def _measure_greys(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, H, H) uint8 -> (N,) brightness and (N,) contrast, from the histogram of each face."""
    n = len(faces)
    pixels = faces.reshape(n, -1)
    first = 256 * np.arange(n)[:, None]  # each face counts in 256 places of its own
    counts = np.bincount((first + pixels).ravel(), minlength=256 * n).reshape(n, 256)
    brightness = (counts.cumsum(1) <= pixels.shape[1] * 19 // 20).sum(1) / 255
    greys = np.arange(256.0)
    mean, mean_square = counts @ greys / pixels.shape[1], counts @ greys**2 / pixels.shape[1]
    return brightness, np.sqrt(np.maximum(mean_square - mean**2, 0)) / 255


def _measure_sharpness(grey: np.ndarray) -> np.ndarray:
    rows = grey[:, ::2] + grey[:, 1::2]
    halved = (rows[:, :, ::2] + rows[:, :, 1::2]) / 4
    return np.sqrt(_measure_detail(grey) / np.maximum(_measure_detail(halved), 1e-3))


def _measure_detail(grey: np.ndarray) -> np.ndarray:
    """(N, H, H) float32 -> (N,) the mean square of the Laplacian, without the outermost pixels.

    All faces are processed as one long line of pixels, which is several times as fast as row by row; the meaningless
    values at the outermost pixels are discarded.
    """
    n, side, _ = grey.shape
    line = np.ascontiguousarray(grey).ravel()
    laplacian = np.zeros_like(line)
    inner = laplacian[side:-side]
    np.multiply(line[side:-side], 4, out=inner)
    for shift in (-side, -1, 1, side):
        inner -= line[side + shift : len(line) - side + shift]
    counts = np.zeros((side, side), np.float32)
    counts[1:-1, 1:-1] = 1 / (side - 2) ** 2
    return (laplacian**2).reshape(n, -1) @ counts.ravel()
