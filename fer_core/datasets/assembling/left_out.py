"""The faces that were decoded but excluded from the data set: which, why and how many."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer_core.base.files import UnreadableError, read_array, read_table
from fer_core.base.text import count_of
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.flags import FLAGS, mark_flags
from fer_core.datasets.corrections.log import DROP
from fer_core.datasets.counts import LeftOutCount
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.face_file import FaceFile
from fer_core.datasets.info import FORMER_REASONS, DatasetInfo
from fer_core.datasets.select import ANY
from fer_core.datasets.splits import SPLITS
from fer_core.errors import InputError
from fer_core.sources.records import MAJORITY

LEFT_OUT_FACES, LEFT_OUT_TABLE = "left_out.npy", "left_out.parquet"
UNSPLIT = "before the split"  # in the place of a split, where counts are shown
COPIES = {  # rule of the recipe -> reason
    "drop_surplus": "copy",
    "drop_contradicting": "contradicting copies",
    "drop_leaks": "copy in validation or test",
}
LIMIT = "limit"
REASONS = {  # reason -> what it means, in the order in which an assembly comes to them
    "copy": "a copy of it is kept",
    "contradicting copies": "copies of it have another label",
    "copy in validation or test": "it is a training face with a copy among the validation or test faces",
    "votes contempt": "most votes call it contempt, which is not one of the seven expressions",
    "votes unknown": "most votes give no expression",
    "votes not-a-face": "most votes say that it is not a face",
    "votes tie": "two or more answers lead the votes",
    "person": "a person excluded it",
    "pseudo": "a file of pseudo-labels excluded it",
    "confident-learning": "a confident-learning suggestion excluded it",
    **{f"flag {name}": flag.meaning for name, flag in FLAGS.items()},
    LIMIT: "its source already has as many faces of the class as its cap or balance allows",
}
HEADER = ("reason", "source", UNSPLIT, *SPLITS)  # of `spread_splits`


class LeftOut(NamedTuple):
    """The faces that an assembly excluded.

    Attributes:
        table: one row per face: face_id, source, origin, split ("" if excluded before the split), expression (the
            source's label) and reason, one of REASONS.
        faces: (N, H, W) uint8 in the same order, memory-mapped.
    """

    table: pd.DataFrame
    faces: np.ndarray


def list_left_out(read: pd.DataFrame, labelled: pd.DataFrame, kept: pd.Index, recipe: DatasetRecipe) -> pd.DataFrame:
    """The table of `LeftOut`, indexed by the row in `read`. Each face counts once, for the first reason.

    Args:
        read: all decoded faces, columns source, origin and expression.
        labelled: the split faces with corrected labels: also columns split, label_from and flags; the
            index is the row in `read`, as for `kept`.
        kept: the faces of the data set.
        recipe: of the data set; a face with two excluded flags counts under the first.
    """
    out = read.loc[~read.index.isin(kept), ["source", "origin", "expression"]]
    late = labelled.loc[labelled.index.isin(out.index)]
    reason = pd.Series(_name_reasons(late, recipe.leave_out), late.index)
    return pd.DataFrame(
        {
            "face_id": out["source"] + ":" + out["origin"],
            "source": out["source"],
            "origin": out["origin"],
            "split": late["split"].reindex(out.index, fill_value="train" if recipe.copies == "drop_leaks" else ""),
            "expression": out["expression"],
            "reason": reason.reindex(out.index, fill_value=COPIES.get(recipe.copies)),
        }
    )


def _name_reasons(late: pd.DataFrame, flags: tuple[str, ...]) -> np.ndarray:
    """(N,) object: why each of these faces was excluded after the split."""
    reason = np.full(len(late), LIMIT, object)
    marks = mark_flags(late)
    for flag in reversed(flags):
        reason[marks[flag]] = f"flag {flag}"
    is_dropped = (late["expression"] == DROP).to_numpy()
    dropped = late[is_dropped]
    kind = dropped["label_from"].str.split(":").str[0]
    if MAJORITY in dropped:
        kind = kind.where(kind != "votes", "votes " + dropped[MAJORITY].astype(str))
    reason[is_dropped] = kind
    return reason


def write_left_out(folder: Path, table: pd.DataFrame, faces: np.ndarray) -> None:
    """Writes the table and its faces.

    Args:
        folder: of the data set.
        table: of `list_left_out`.
        faces: (N, H, W) uint8 of all decoded faces; the table's index refers to them.
    """
    FaceFile(folder / LEFT_OUT_FACES, faces.shape[1]).fill(faces, table.index.to_numpy())
    table.to_parquet(folder / LEFT_OUT_TABLE, index=False)


def open_left_out(dataset: Dataset) -> LeftOut:
    """The faces that the data set's assembly excluded; the table may be empty.

    Raises:
        InputError: if an earlier version without this table assembled the data set.
    """
    if dataset.info.left_out is None:
        raise InputError(
            f"{dataset.name} was assembled by an earlier version that did not keep excluded faces. Assemble it "
            f"again: fer data again {dataset.name}."
        )
    columns = ["face_id", "source", "origin", "split", "expression", "reason"]
    if not dataset.info.left_out:
        return LeftOut(pd.DataFrame(columns=columns, dtype=object), dataset.faces[:0])
    table = read_table(dataset.path / LEFT_OUT_TABLE, *columns)
    table["reason"] = table["reason"].replace(FORMER_REASONS)
    faces = read_array(dataset.path / LEFT_OUT_FACES, mapped=True)
    if faces.ndim != 3 or len(faces) != len(table):
        found = f"expected {count_of(len(table), 'face')}, found an array of the shape {faces.shape}"
        raise UnreadableError(dataset.path / LEFT_OUT_FACES, found)
    return LeftOut(table, faces)


def find_left_out(table: pd.DataFrame, reason: str = ANY, source: str = ANY, split: str = ANY) -> np.ndarray:
    """(n,) row numbers of the matching faces; ANY matches all, the split UNSPLIT those excluded before the split.

    Raises:
        InputError: for a reason, source or split without faces; the message lists the existing ones.
    """
    fits = np.ones(len(table), bool)
    for column, value in (("reason", reason), ("source", source), ("split", split)):
        if value == ANY:
            continue
        values = table[column].replace("", UNSPLIT)
        if value not in values.array:
            known = ", ".join(values.unique()) or "none"
            raise InputError(f"No face was excluded with the {column} {value!r} (available: {known}). Choose another.")
        fits &= (values == value).to_numpy()
    return np.flatnonzero(fits)


def count_left_out(table: pd.DataFrame) -> tuple[LeftOutCount, ...]:
    """The counts in the order of sources, REASONS and splits, starting with faces excluded before the split."""
    n = table.groupby(["source", "split", "reason"]).size()
    return tuple(
        LeftOutCount(source=source, split=split, reason=reason, n=int(n[source, split, reason]))
        for source in table["source"].unique()
        for reason in REASONS
        for split in ("", *SPLITS)
        if (source, split, reason) in n.index
    )


def sum_reasons(info: DatasetInfo) -> dict[str, Counter[str]]:
    """source -> reason -> number of excluded rows: those excluded by its reader, then the faces.

    Together with the source's faces and skipped rows, these are all its rows. For a data set that is older than the
    table of excluded faces, only those excluded by its readers are known.
    """
    sums = {part.source: Counter(part.left_out) for part in info.sources}
    for row in info.left_out or ():
        sums[row.source][row.reason] += row.n
    return sums


def spread_splits(counts: Sequence[LeftOutCount]) -> list[list[str]]:
    """Rows under HEADER for a result of `count_left_out`: one row per reason and source, one column per split."""
    n = {(row.reason, row.source, row.split): row.n for row in counts}
    pairs = dict.fromkeys((row.reason, row.source) for row in counts)
    return [[*pair, *(f"{n.get((*pair, split), 0):,}" for split in ("", *SPLITS))] for pair in pairs]


def explain_reasons(counts: Iterable[LeftOutCount]) -> dict[str, str]:
    """Reason -> its meaning, for the counted reasons in the order of REASONS."""
    counted = {row.reason for row in counts}
    return {reason: meaning for reason, meaning in REASONS.items() if reason in counted}
