"""The result of every reader: a table with one row per face, plus what could not be used."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.labels import INDEX

if TYPE_CHECKING:  # the processes that read pictures have no need of it, and it takes a while to import
    import pandas as pd

# origin: path inside the source, "row 17", or "train.csv row 17" of several files;
# subject: the person, "" when unknown; usage: train, val, test, or "" when the source says nothing.
COLUMNS = ("origin", "expression", "subject", "usage")
# An optional column: the face's box in an upright photograph of several faces, "left,top,right,bottom" in px (right and
# bottom just outside), or "". A number with a decimal point is a share of the photograph's side instead. With a box,
# origin is the photograph's path, "#" and the number of the face.
BOX = "box"
# An optional column: the sequence that a face is a frame of, named within the source, or "" if unknown.
SEQUENCE = "sequence"
USAGES = ("", "train", "val", "test")

VOTES = "votes_"  # prefix of the columns that hold each class's share of several people's votes
MAJORITY = "vote_majority"  # the column with what most of them chose (`fer_core.sources.readers.fer_votes`)


@dataclass(frozen=True)
class Problem:
    """One row or file that could not be used: its position, and a sentence."""

    origin: str
    message: str


@dataclass(kw_only=True)
class Reading:
    """The result of reading one source.

    Attributes:
        source: the reader's name.
        layout: a phrase that names the layout.
        root: the folder that `origin` paths start from, or the CSV file.
        table: one row per face, with COLUMNS.
        pixels: (N, H, W) uint8 grey in the table's order, or None if `origin` is an image's path.
        left_out: class outside the seven expressions, or another reason (a repeated row) -> count.
        problems: rows and files that could not be used, in order.
        notes: sentences for the user (a label that overrode its folder, ...).
        unknown: class without a meaning -> rows; these rows are among the problems.
        unused: columns of the source that are not read.
        drawn: its faces were drawn by code, so that scores on them say nothing about photographs.
    """

    source: str
    layout: str
    root: Path
    table: "pd.DataFrame"
    pixels: np.ndarray | None = None
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    unused: list[str] = field(default_factory=list)
    drawn: bool = False

    def __post_init__(self) -> None:
        missing = [column for column in COLUMNS if column not in self.table]
        assert not missing, f"reader {self.source} forgot the columns {missing}"
        assert self.table["expression"].isin(list(INDEX)).all(), f"reader {self.source} left a class unparsed"
        assert self.table["usage"].isin(USAGES).all(), f"reader {self.source} made up a usage"
        assert self.pixels is None or len(self.pixels) == len(self.table)


def refuse_problems(reading: Reading) -> None:
    """Raises InputError with the first problem and the number of further ones; returns if there are none."""
    if not reading.problems:
        return
    first, more = reading.problems[0], len(reading.problems) - 1
    others = f" ({count_of(more, 'more problem')})" if more else ""
    raise InputError(
        f"{reading.root.name} {first.origin}: {first.message}{others}. Fix the source, or skip and count such rows "
        "with --skip-bad (on the page: Skip bad rows)."
    )
