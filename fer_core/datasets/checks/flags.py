"""Flagged faces of a data set: counted, left out where a recipe says so, and listed."""

import numpy as np
import pandas as pd

from fer_core.base.text import count_of
from fer_core.datasets.checks.quality import COLUMN, FLAGS
from fer_core.datasets.counts import FlagCount, FlaggedOut, Quality
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError


def check_flags(flags: tuple[str, ...]) -> None:
    """Raises InputError naming the flags that there are when one of `flags` is none of them."""
    unknown = [flag for flag in flags if flag not in FLAGS]
    if unknown:
        raise InputError(f"Unknown flag {', '.join(unknown)}: choose from {', '.join(FLAGS)}.")


def mark_flags(table: pd.DataFrame) -> pd.DataFrame:
    """(N, 5) bool: a column for each of FLAGS."""
    codes, words = pd.factorize(table[COLUMN])  # few different ones among hundreds of thousands
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
        raise InputError("Every face has one of the flags that are left out. Leave out fewer flags.")
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
    several = f", with {n_flags:,} flags: a face can have several" if n_flags > n_flagged else ""
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
            f"The faces of {dataset.name} were not measured when it was assembled. "
            f"Assemble it again: fer data again {dataset.name}."
        )
    return dataset.info.quality
