"""How good the picture of each face is: the flags that follow from what was measured of it.

A flag is a word beside the face; it changes nothing by itself. The bounds were chosen by looking at the faces on both
sides of them in the training splits of FER2013 and CK+ and in 5,000 web photographs, never at test faces. There is no
flag for bright faces: up to the brightest of FER2013 they can be read, and what is brighter is no photograph.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_core.pictures.measures import BRIGHTNESS, CONTRAST, SHARPNESS
from fer_core.sources.records import MAJORITY

SIDE = "side_px"
COLUMN = "flags"  # of the table: the flags of a face, joined by commas; "" for none

# FER2013's blank pictures have a contrast of at most 0.003, its flattest readable face has 0.036.
CONSTANT_BELOW = 0.02
# A face in hard shadow, or of dark skin in fair light, has its bright places: below this no part of it has.
DARK_BELOW = 0.30
# What half of the faces have that were scaled up from 27 px: a network that names 70 % of FER2013's validation faces
# names 66 % of them so. Those scaled up from 24 px (61 %) are all below, one in five of those from 30 px (68 %) is.
BLURRED_BELOW = 0.42
TINY_BELOW = 24  # px; half of FER2013's side


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


def flag_faces(table: pd.DataFrame) -> np.ndarray:
    """(N,) object: each face's flags in the order of FLAGS, joined by commas; a constant one is not dark nor blurred.

    Args:
        table: columns MEASURES, side_px and, where votes are known, vote_majority.
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
