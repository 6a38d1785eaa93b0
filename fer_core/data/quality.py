"""How good the picture of each face is: what is measured of it, and the flags that follow from that.

A flag is a word beside the face; it changes nothing by itself. The bounds were chosen by looking at the faces on both
sides of them in the training splits of FER2013 and CK+ and in 5,000 web photographs, never at test faces. There is no
flag for bright faces: up to the brightest of FER2013 they can be read, and what is brighter is no photograph.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from fer_core.data.dataset import MAJORITY
from fer_core.data.face_file import map_chunks

BRIGHTNESS, CONTRAST, SHARPNESS, SIDE = "brightness", "contrast", "sharpness", "side_px"
MEASURES = (BRIGHTNESS, CONTRAST, SHARPNESS)
COLUMN = "flags"  # of the table: the flags of a face, joined by commas; "" for none

# FER2013's blank pictures have a contrast of at most 0.003, its flattest readable face has 0.036.
CONSTANT_BELOW = 0.02
# A face in hard shadow, or of dark skin in fair light, has its bright places: below this no part of it has.
DARK_BELOW = 0.30
# What half of the faces have that were scaled up from 27 px: a network that names 70 % of FER2013's validation faces
# names 66 % of them so. Those scaled up from 24 px (61 %) are all below, one in five of those from 30 px (68 %) is.
BLURRED_BELOW = 0.42
TINY_BELOW = 24  # px; half of FER2013's side

_MEASURED_PX = 48  # sharpness is that of the face at this side, so that it is the same in data sets of any size


class Flag(NamedTuple):
    """What a flag says; and where it follows from a measure, the column and the bound that the face is below."""

    meaning: str
    measure: str = ""
    below: float = 0.0


FLAGS = {
    "constant": Flag("next to no contrast: a blank picture", CONTRAST, CONSTANT_BELOW),
    "dark": Flag("even its brightest parts are dark", BRIGHTNESS, DARK_BELOW),
    "blurred": Flag("no finer detail than a face of 27 px has", SHARPNESS, BLURRED_BELOW),
    "tiny": Flag(f"fewer than {TINY_BELOW} px a side before it was scaled up", SIDE, TINY_BELOW),
    "not-a-face": Flag("most votes say that it is no face"),
}


def add_quality(table: pd.DataFrame, faces: np.ndarray, rows: np.ndarray) -> pd.DataFrame:
    """The table with brightness, contrast, sharpness (float32) and flags; `rows` are its faces' places in `faces`."""
    measured = pd.concat([table, measure_faces(faces, rows)], axis=1)
    return measured.assign(**{COLUMN: flag_faces(measured)})


def measure_faces(faces: np.ndarray, rows: np.ndarray) -> pd.DataFrame:
    """One row of float32 for each of `rows`: brightness, contrast and sharpness, which need no other face.

    brightness: the grey that all but the brightest twentieth of the pixels stay below; 0 black, 1 white.
    contrast: the standard deviation of the pixels, 0 to 0.5, on the same scale.
    sharpness: the finest detail against that of twice the size (of Laplacians, the root of the mean squares' ratio).
    Contrast drops out of it: 0.25 is a soft gradient without detail, photographs lie around 0.7, noise above 1.

    Args:
        faces: (N, H, H) uint8, may be memory-mapped; a chunk at a time is read.
        rows: (n,) row numbers.
    """
    shrink = _shrink_by(faces.shape[1])

    def measure(chunk: np.ndarray) -> np.ndarray:
        grey = chunk.astype(np.float32)
        sharpness = _measure_sharpness(grey if shrink is None else shrink @ grey @ shrink.T)
        return np.column_stack([*_measure_greys(chunk), sharpness]).astype(np.float32)

    return pd.DataFrame(map_chunks(measure, faces, rows), columns=list(MEASURES))


def flag_faces(table: pd.DataFrame) -> np.ndarray:
    """(N,) object: each face's flags in the order of FLAGS, joined by commas; a constant one is not dark nor blurred.

    Args:
        table: the columns of `measure_faces`, side_px and, where votes are known, vote_majority.
    """
    marks = {name: (table[flag.measure] < flag.below).to_numpy() for name, flag in FLAGS.items() if flag.measure}
    for name in ("dark", "blurred"):
        marks[name] = marks[name] & ~marks["constant"]
    if MAJORITY in table:
        marks["not-a-face"] = (table[MAJORITY] == "not-a-face").to_numpy()
    flags = np.full(len(table), "", object)
    for name, marked in marks.items():
        for row in np.flatnonzero(marked):
            flags[row] = f"{flags[row]},{name}" if flags[row] else name
    return flags


def _shrink_by(side: int) -> np.ndarray | None:
    """(48, side) float32 that resizes as `fer_core.data.decode` does, None where nothing is to be done."""
    if side == _MEASURED_PX:
        return None
    identity = Image.fromarray(np.eye(side, dtype=np.float32))
    return np.asarray(identity.resize((side, _MEASURED_PX), Image.Resampling.BICUBIC))


def _measure_greys(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, H, H) uint8 -> (N,) brightness and (N,) contrast, from how often each grey is there."""
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
    """(N, H, H) float32 -> (N,) the mean square of the Laplacian; the outermost pixels have none.

    All faces are one long line of pixels, which is several times as fast as row by row; what that makes of the
    outermost pixels does not count.
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
