"""Selects and orders faces of a data set.

Only masks and row numbers are built, without copying the table: a selection among 400,000 faces takes milliseconds.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.labels import INDEX

ANY = "any"
CHANGED, UNCHANGED = "changed", "as the source says"
FLAGS_COLUMN = "flags"  # the column of a face's faults, comma-separated, "" where there is none
ORDERS = ("by source", "by label", "copies together", "at random")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The criteria for selecting faces; ANY matches every face.

    Attributes:
        split: of the face.
        expression: its label.
        source: its source.
        label: CHANGED, UNCHANGED, or the origin of a changed label, of `list_changers`.
        copies: a kind of copies that it has, of `list_copies`.
        flag: a flag that it has, of `list_flags`.
        text: a part of its face_id, case-insensitive; "" matches every face.

    Example:
        >>> fer.Wanted(split="test", expression="happy").source
        'any'
    """

    split: str = ANY
    expression: str = ANY
    source: str = ANY
    label: str = ANY
    copies: str = ANY
    flag: str = ANY
    text: str = ""


def select_faces(table: pd.DataFrame, wanted: Wanted, order: str = ORDERS[0], seed: int = 0) -> np.ndarray:
    """(n,) int64 row numbers of the matching faces.

    Args:
        table: of an assembled data set.
        wanted: the criteria.
        order: one of ORDERS; "copies together" starts with the largest set.
        seed: of the random order.

    Example:
        >>> data = fer.open_dataset("demo")
        >>> rows = fer.select_faces(data.table, fer.Wanted(split="test", expression="happy"))
        >>> set(data.table["expression"].iloc[rows])
        {'happy'}
        >>> data.faces[rows].shape[1:]
        (64, 64)
    """
    fits = np.ones(len(table), bool)
    for column in ("split", "expression", "source"):
        value = getattr(wanted, column)
        if value != ANY:
            fits &= (table[column] == value).to_numpy()
    if wanted.label != ANY:
        fits &= _mark_label(table, wanted.label)
    if wanted.copies != ANY:
        fits &= _mark_copies(table, wanted.copies)
    if wanted.flag != ANY:
        fits &= ("," + table[FLAGS_COLUMN] + ",").str.contains(f",{wanted.flag},", regex=False).to_numpy()
    if wanted.text:
        fits &= table["face_id"].str.contains(wanted.text, case=False, regex=False).to_numpy()
    return _sort(table, np.flatnonzero(fits), order, seed)


def list_changers(table: pd.DataFrame) -> list[str]:
    """The origins of changed labels, such as votes and person:<who>, sorted."""
    return sorted(set(table["label_from"].unique()) - set(table["source"].unique()))


def list_copies(table: pd.DataFrame) -> list[str]:
    """The kinds of copies known for this table; fewer if near copies were not searched for."""
    exact, near = ["none", "exact", "exact, in training"], ["exact or near", "exact or near, in training"]
    return exact + near if "near_copy_in_train" in table else exact


def list_flags(table: pd.DataFrame) -> list[str]:
    """The flags in the table, sorted; empty if faces were not measured."""
    combinations = table[FLAGS_COLUMN].unique() if FLAGS_COLUMN in table else []
    return sorted({flag for flags in combinations for flag in flags.split(",") if flag})


def number_sets(table: pd.DataFrame) -> np.ndarray:
    """(N,) int64 a number from 0 for each set of copies, including near copies if they were searched for."""
    by = "copy_group" if "copy_group" in table else "sha256"
    return pd.factorize(table[by])[0]


def _mark_label(table: pd.DataFrame, label: str) -> np.ndarray:
    if label in (CHANGED, UNCHANGED):
        changed = (table["expression"] != table["original_expression"]).to_numpy()
        return changed if label == CHANGED else ~changed
    return (table["label_from"] == label).to_numpy()


def _mark_copies(table: pd.DataFrame, copies: str) -> np.ndarray:
    if copies.endswith("in training"):
        return table["copy_in_train" if copies.startswith("exact, ") else "near_copy_in_train"].to_numpy()
    if copies == "exact":
        return table["sha256"].duplicated(keep=False).to_numpy()
    numbers = number_sets(table)
    several = (np.bincount(numbers) > 1)[numbers]
    return ~several if copies == "none" else several


def _sort(table: pd.DataFrame, rows: np.ndarray, order: str, seed: int) -> np.ndarray:
    if order == "at random":
        return np.random.default_rng(seed).permutation(rows)
    if order == "by label":
        code, names = pd.factorize(table["expression"])
        place = np.array([INDEX[name] for name in names])[code]
        return rows[np.argsort(place[rows], kind="stable")]
    if order == "copies together":
        numbers = number_sets(table)
        return rows[np.lexsort((numbers[rows], -np.bincount(numbers)[numbers[rows]]))]
    return rows
