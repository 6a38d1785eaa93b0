"""Which faces belong together: exact and near copies, and faces of one subject; and which copies stay."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fer_core.data.near_copies import find_near_pairs

COPY_RULES = ("keep", "drop_surplus", "drop_contradicting")


@dataclass(frozen=True)
class CopyReport:
    """Copies in a data set, counted after the split.

    Attributes:
        groups: sets of two or more copies.
        images: faces in them.
        groups_across_splits: sets with members in more than one split.
        groups_with_contradicting_labels: sets whose members carry different expressions.
        test_faces_with_copy_in_train: test faces that a network may have seen.
        near: the same counts for sets of exact or near copies; None where no near ones were looked for.
    """

    groups: int
    images: int
    groups_across_splits: int
    groups_with_contradicting_labels: int
    test_faces_with_copy_in_train: int
    near: "CopyReport | None" = None

    def to_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return asdict(self)


def group_copies(faces: np.ndarray, places: np.ndarray, sha256: pd.Series, near: bool) -> np.ndarray:
    """(N,) int64 a number for each set of copies, in the order of their first faces.

    Args:
        faces: (M, H, W) uint8, may be memory-mapped.
        places: (N,) which of them.
        sha256: N digests, equal for exact copies.
        near: whether near copies, also those joined through a third, are one set.
    """
    exact = pd.factorize(sha256)[0]
    if not near:
        return exact
    first = np.flatnonzero(~sha256.duplicated().to_numpy())
    pairs = find_near_pairs(faces, places[first])
    graph = coo_array((np.ones(len(pairs), np.int8), tuple(pairs.T)), shape=(len(first), len(first)))
    _, label = connected_components(graph, directed=False)
    return pd.factorize(label[exact])[0]


def find_groups(table: pd.DataFrame) -> np.ndarray:
    """(N,) a number for each set of faces that no split may tear apart.

    Two faces are in one set when they are copies (equal copy_group), show one subject of one source, or
    are joined through a third.
    """
    n = len(table)
    keys = [pd.factorize(table["copy_group"])[0]]
    known = (table["subject"] != "").to_numpy()
    subject = np.full(n, -1, dtype=np.int64)
    subject[known] = pd.factorize(table["source"][known] + "/" + table["subject"][known])[0]
    keys.append(subject)
    faces, nodes, first = [], [], n
    for key in keys:
        member = np.flatnonzero(key >= 0)
        faces.append(member)
        nodes.append(first + key[member])
        first += int(key.max(initial=-1)) + 1
    row, column = np.concatenate(faces), np.concatenate(nodes)
    graph = coo_array((np.ones(len(row), np.int8), (row, column)), shape=(first, first))
    _, label = connected_components(graph, directed=False)
    return pd.factorize(label[:n])[0]


def choose_kept(table: pd.DataFrame, rule: str) -> np.ndarray:
    """(N,) bool: the faces that stay under one of COPY_RULES. A test face always stays.

    drop_surplus: of a set of copies one stays: where there are test faces these, else its first validation face, else
    its first training face. So nothing that a network is scored on is left in the training.
    drop_contradicting: sets with more than one expression go.

    Args:
        table: columns copy_group, expression and split (the official one; train throughout where a split is drawn,
            which no face has a place in yet).
        rule: one of COPY_RULES.
    """
    is_test = (table["split"] == "test").to_numpy()
    if rule == "drop_surplus":
        rank = table["split"].map({"test": 0, "val": 1, "train": 2}).to_numpy()
        order = np.argsort(rank, kind="stable")
        surplus = np.empty(len(table), bool)
        surplus[order] = table["copy_group"].iloc[order].duplicated()
        return is_test | ~surplus
    if rule == "drop_contradicting":
        n_labels = table.groupby("copy_group")["expression"].transform("nunique").to_numpy()
        return is_test | (n_labels == 1)
    return np.ones(len(table), bool)


def mark_copies_in_train(table: pd.DataFrame, by: str = "sha256") -> np.ndarray:
    """(N,) bool: the face lies outside the training split and one of equal `by` (sha256 or copy_group) lies in it."""
    code, values = pd.factorize(table[by])
    is_train = (table["split"] == "train").to_numpy()
    seen = np.zeros(len(values), bool)
    seen[code[is_train]] = True
    return seen[code] & ~is_train


def report_copies(table: pd.DataFrame, near: bool) -> CopyReport:
    """Counts the copies; needs the columns sha256, copy_group, split and expression.

    Args:
        table: one row a face.
        near: whether copy_group holds near copies too.
    """
    return _count(table, "sha256", _count(table, "copy_group") if near else None)


def _count(table: pd.DataFrame, by: str, near: CopyReport | None = None) -> CopyReport:
    sets = table.groupby(pd.factorize(table[by])[0], sort=False).agg(
        n=("split", "size"), n_splits=("split", "nunique"), n_labels=("expression", "nunique")
    )
    sets = sets[sets["n"] > 1]
    return CopyReport(
        groups=len(sets),
        images=int(sets["n"].sum()),
        groups_across_splits=int((sets["n_splits"] > 1).sum()),
        groups_with_contradicting_labels=int((sets["n_labels"] > 1).sum()),
        test_faces_with_copy_in_train=int((mark_copies_in_train(table, by) & (table["split"] == "test")).sum()),
        near=near,
    )
