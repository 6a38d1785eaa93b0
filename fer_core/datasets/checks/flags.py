"""How good the picture of each face is: the flags that follow from what was measured of it, counted and listed.

A flag is a word beside the face; it changes nothing by itself, but a recipe may leave flagged faces out. The bounds
were chosen by looking at the faces on both sides of them in the training splits of FER2013 and CK+ and in 5,000 web
photographs, never at test faces. There is no flag for bright faces: up to the brightest of FER2013 they can be read,
and what is brighter is no photograph.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_core.base.text import count_of
from fer_core.datasets.counts import FlagCount, FlaggedOut, Quality
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.select import FLAGS_COLUMN
from fer_core.errors import InputError
from fer_core.pictures.measures import BRIGHTNESS, CONTRAST, SHARPNESS
from fer_core.sources.records import MAJORITY

SIDE = "side_px"

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
    "constant": Flag("almost no contrast: a blank picture", CONTRAST, CONSTANT_BELOW),
    "dark": Flag("even its brightest parts are dark", BRIGHTNESS, DARK_BELOW),
    "blurred": Flag("no finer detail than in a face of 27 px", SHARPNESS, BLURRED_BELOW),
    "tiny": Flag(f"fewer than {TINY_BELOW} px per side before it was scaled up", SIDE, TINY_BELOW),
    "not-a-face": Flag("most votes say that it is not a face"),
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


def check_flags(flags: tuple[str, ...]) -> None:
    """Raises InputError naming the flags that there are when one of `flags` is none of them."""
    unknown = [flag for flag in flags if flag not in FLAGS]
    if unknown:
        raise InputError(f"Unknown flag {', '.join(unknown)}: choose from {', '.join(FLAGS)}.")


def mark_flags(table: pd.DataFrame) -> pd.DataFrame:
    """(N, 5) bool: a column for each of FLAGS."""
    codes, words = pd.factorize(table[FLAGS_COLUMN])  # few different ones among hundreds of thousands
    marks = np.array([[flag in word.split(",") for flag in FLAGS] for word in words], bool).reshape(-1, len(FLAGS))
    return pd.DataFrame(marks[codes], table.index, list(FLAGS))


def leave_out_flagged(table: pd.DataFrame, flags: tuple[str, ...], relabel: str) -> tuple[pd.DataFrame, FlaggedOut]:
    """The rows that stay when faces with any of `flags` go, and what that left out, for `dataset.json`.

    Args:
        table: columns flags and split.
        flags: of FLAGS; none leaves the table as it is.
        relabel: train: only training faces go; all: validation and test faces too.

    Returns:
        The rows under their old index, and the counts.

    Raises:
        InputError: when no face stays.
    """
    marks = mark_flags(table)[list(flags)]
    flagged = marks.any(axis=1)
    out = flagged & (table["split"] == "train") if relabel == "train" else flagged
    if len(table) and out.all():
        raise InputError("Every face has one of the excluded flags. Exclude fewer flags.")
    by_flag = {flag: int(n) for flag, n in marks[out].sum().items()}
    return table[~out], FlaggedOut(n=int(out.sum()), n_held_back=int((flagged & ~out).sum()), by_flag=by_flag)


def count_flags(table: pd.DataFrame, left_out: FlaggedOut) -> Quality:
    """The counts in the order of flags, sources and splits, beside what was left out (`leave_out_flagged`)."""
    marks = mark_flags(table)
    places = table[["source", "split"]]
    sizes = {flag: places[marks[flag]].groupby(["source", "split"]).size() for flag in FLAGS}
    counts = tuple(
        FlagCount(flag=flag, source=source, split=split, n=int(sizes[flag][source, split]))
        for flag in FLAGS
        for source in table["source"].unique()
        for split in ("train", "val", "test")
        if (source, split) in sizes[flag].index
    )
    return Quality(n_flagged=int(marks.any(axis=1).sum()), counts=counts, left_out=left_out)


def describe_flagged(n_faces: int, quality: Quality) -> str:
    """How many of a data set's faces are flagged, as a sentence.

    Args:
        n_faces: of the data set.
        quality: of its `dataset.json`.
    """
    n_flagged, n_flags = quality.n_flagged, sum(row.n for row in quality.counts)
    if not n_flagged:
        return "No face is flagged."
    several = f", with {n_flags:,} flags (a face can have several)" if n_flags > n_flagged else ""
    return f"Flagged: {n_flagged:,} of {count_of(n_faces, 'face')}{several}."


def list_flagged(dataset: Dataset, flag: str, split: str = "all") -> pd.DataFrame:
    """The rows of the table with that flag, the worst first where it was measured; the index is the face's row.

    Raises:
        InputError: when there is no such flag, or the data set was assembled before faces were measured.
    """
    check_flags((flag,))
    require_quality(dataset)
    table = dataset.table
    chosen = table[mark_flags(table)[flag] & ((table["split"] == split) | (split == "all"))]
    measure = FLAGS[flag].measure
    return chosen.sort_values(measure, kind="stable") if measure else chosen


def require_quality(dataset: Dataset) -> Quality:
    """What was measured of the data set's faces.

    Raises:
        InputError: when it was assembled before faces were measured.
    """
    if dataset.info.quality is None:
        raise InputError(
            f"{dataset.name} was assembled by an earlier version that did not measure its faces. Assemble it "
            f"again: fer data again {dataset.name}."
        )
    return dataset.info.quality
