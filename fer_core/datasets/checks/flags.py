"""Image quality of faces: the flags that follow from measurements, counted and listed.

A flag alone changes nothing, but a recipe can exclude flagged faces. The bounds were chosen by inspecting faces on both
sides of them in the training splits of FER2013 and CK+ and in 5,000 web photographs, never at test faces. There is no
flag for bright faces: up to the brightest of FER2013 they can be read, and brighter images are not photographs.
"""

from itertools import product
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
    """A flag's meaning and, if it follows from a measure, the column and its lower bound."""

    meaning: str
    measure: str = ""
    below: float = 0.0


FLAGS = {
    "constant": Flag("almost no contrast: a blank image", CONTRAST, CONSTANT_BELOW),
    "dark": Flag("even the brightest parts are dark", BRIGHTNESS, DARK_BELOW),
    "blurred": Flag("no finer detail than a face of 27 px has", SHARPNESS, BLURRED_BELOW),
    "tiny": Flag(f"fewer than {TINY_BELOW} px per side before scaling up", SIDE, TINY_BELOW),
    "not-a-face": Flag("most votes say that it is not a face"),
}


def flag_faces(table: pd.DataFrame) -> np.ndarray:
    """(N,) object: comma-separated flags in the order of FLAGS; a constant face is neither dark nor blurred.

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
    """Raises InputError for an unknown flag; the message lists the valid ones."""
    unknown = [flag for flag in flags if flag not in FLAGS]
    if unknown:
        raise InputError(f"Unknown flag {', '.join(unknown)}: choose from {', '.join(FLAGS)}.")


def mark_flags(table: pd.DataFrame) -> pd.DataFrame:
    """(N, 5) bool: one column for each of FLAGS."""
    codes, words = pd.factorize(table[FLAGS_COLUMN])  # few different ones among hundreds of thousands
    marks = np.array([[flag in word.split(",") for flag in FLAGS] for word in words], bool).reshape(-1, len(FLAGS))
    return pd.DataFrame(marks[codes], table.index, list(FLAGS))


def leave_out_flagged(table: pd.DataFrame, flags: tuple[str, ...], relabel: str) -> tuple[pd.DataFrame, FlaggedOut]:
    """The rows without faces that have any of `flags`, and the counts of excluded faces for `dataset.json`.

    Args:
        table: columns flags and split.
        flags: of FLAGS; if empty, the table is unchanged.
        relabel: train: exclude only training faces; all: validation and test faces too.

    Returns:
        The rows with their original index, and the counts.

    Raises:
        InputError: if no face is left.
    """
    marks = mark_flags(table)[list(flags)]
    flagged = marks.any(axis=1)
    out = flagged & (table["split"] == "train") if relabel == "train" else flagged
    if len(table) and out.all():
        raise InputError("Every face has one of the excluded flags. Exclude fewer flags.")
    by_flag = {flag: int(n) for flag, n in marks[out].sum().items()}
    return table[~out], FlaggedOut(n=int(out.sum()), n_held_back=int((flagged & ~out).sum()), by_flag=by_flag)


def count_flags(table: pd.DataFrame, left_out: FlaggedOut) -> Quality:
    """The counts in the order of flags, sources and splits, with those of excluded faces (`leave_out_flagged`)."""
    marks = mark_flags(table)
    flagged = marks.to_numpy()
    (codes, sources), splits = pd.factorize(table["source"]), ("train", "val", "test")
    places = codes * len(splits) + pd.Index(splits).get_indexer(table["split"])
    sizes = [np.bincount(places[column], minlength=len(sources) * len(splits)) for column in flagged.T]
    counts = tuple(
        FlagCount(flag=flag, source=source, split=split, n=int(n))
        for (flag, source, split), n in zip(product(FLAGS, sources, splits), np.concatenate(sizes), strict=True)
        if n
    )
    return Quality(n_flagged=int(flagged.any(axis=1).sum()), counts=counts, left_out=left_out)


def describe_flagged(n_faces: int, quality: Quality) -> str:
    """A sentence on how many of a data set's faces are flagged.

    Args:
        n_faces: of the data set.
        quality: of its `dataset.json`.
    """
    n_flagged, n_flags = quality.n_flagged, sum(row.n for row in quality.counts)
    if not n_flagged:
        return "No faces are flagged."
    several = f", with {n_flags:,} flags (a face can have several)" if n_flags > n_flagged else ""
    return f"Flagged: {n_flagged:,} of {count_of(n_faces, 'face')}{several}."


def list_flagged(dataset: Dataset, flag: str, split: str = "all") -> pd.DataFrame:
    """The rows of the table with that flag, worst first if it was measured; the index is the face's row.

    Raises:
        InputError: for an unknown flag, or if the data set's faces were not measured.
    """
    check_flags((flag,))
    require_quality(dataset)
    table = dataset.table
    chosen = table[mark_flags(table)[flag] & ((table["split"] == split) | (split == "all"))]
    measure = FLAGS[flag].measure
    return chosen.sort_values(measure, kind="stable") if measure else chosen


def require_quality(dataset: Dataset) -> Quality:
    """The quality measurements of the data set's faces.

    Raises:
        InputError: if an earlier version without measurements assembled it.
    """
    if dataset.info.quality is None:
        raise InputError(
            f"{dataset.name} was assembled by an earlier version that did not measure faces. Assemble it again: "
            f"fer data again {dataset.name}."
        )
    return dataset.info.quality
