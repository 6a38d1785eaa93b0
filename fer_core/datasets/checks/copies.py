"""Consequences of copies: which faces a split keeps together, which copies are kept, and how many there are.

`fer_core.datasets.checks.copy_groups` decides which faces are copies.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from fer_core.datasets.counts import CopyReport

COPY_RULES = {  # rule -> what it takes
    "keep": "nothing",
    "drop_surplus": "all but one of each set of copies, and training faces with a copy in validation or test",
    "drop_contradicting": "sets of copies with more than one label",
    "drop_leaks": "training faces with a copy in validation or test; no validation or test face",
}
_RANK = {"test": 0, "val": 1, "train": 2}  # the lower one stays


def find_groups(table: pd.DataFrame) -> np.ndarray:
    """(N,) the number of each face's group, which a split must keep together.

    Two faces are in one group if they are linked through copies, show one subject of one source, or are connected
    through a third.
    """
    n = len(table)
    keys = [pd.factorize(table[name_links(table)])[0]]
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


def name_links(table: pd.DataFrame) -> str:
    """The column that links faces through copies; copy_group in data sets of versions without links."""
    return "linked" if "linked" in table else "copy_group"


def choose_kept(table: pd.DataFrame, rule: str) -> np.ndarray:
    """(N,) bool: the faces kept under one of COPY_RULES. Test faces are always kept.

    drop_surplus: keeps one face of each set of copies: its test faces if any, else its first validation face, else
    its first training face. So no copy of a held-out face remains among the training faces.
    drop_contradicting: excludes sets with more than one expression.
    drop_leaks: excludes training faces that are linked with a validation or test face.

    Args:
        table: columns copy_group, linked, expression and split (train for all faces before the split).
        rule: one of COPY_RULES.
    """
    rank = table["split"].map(_RANK).to_numpy()
    is_test = rank == _RANK["test"]
    if rule == "drop_surplus":
        order = np.argsort(rank, kind="stable")
        surplus = np.empty(len(table), bool)
        surplus[order] = table["copy_group"].iloc[order].duplicated()
        return is_test | ~(surplus | (rank > _rank_links(table, rank)))
    if rule == "drop_contradicting":
        n_labels = table.groupby("copy_group")["expression"].transform("nunique").to_numpy()
        return is_test | (n_labels == 1)
    if rule == "drop_leaks":
        return (rank < _RANK["train"]) | (_rank_links(table, rank) == _RANK["train"])
    return np.ones(len(table), bool)


def _rank_links(table: pd.DataFrame, rank: np.ndarray) -> np.ndarray:
    """(N,) the lowest rank among the faces linked with each face, including itself."""
    linked = pd.factorize(table[name_links(table)])[0]
    lowest = np.full(int(linked.max(initial=-1)) + 1, _RANK["train"])
    np.minimum.at(lowest, linked, rank)
    return lowest[linked]


def name_places(rule: str) -> str:
    """Describes the splits of sets of copies that are in more than one split, under one of COPY_RULES."""
    return "across validation and test" if rule == "drop_leaks" else "across splits"


def mark_copies_in_train(table: pd.DataFrame, by: str = "sha256") -> np.ndarray:
    """(N,) bool: the face is held out, and a face with equal `by` is in the training split.

    Args:
        table: columns split and `by`.
        by: sha256 for exact copies; `name_links(table)` for near ones too.
    """
    code, values = pd.factorize(table[by])
    is_train = (table["split"] == "train").to_numpy()
    seen = np.zeros(len(values), bool)
    seen[code[is_train]] = True
    return seen[code] & ~is_train


def report_copies(table: pd.DataFrame, near: bool) -> CopyReport:
    """Counts the copies; needs the columns sha256, copy_group, linked, split and expression.

    Args:
        table: one row a face.
        near: whether copy_group includes near copies.
    """
    return _count(table, "sha256", "sha256", _count(table, "copy_group", name_links(table)) if near else None)


def _count(table: pd.DataFrame, by: str, links: str, near: CopyReport | None = None) -> CopyReport:
    groups = pd.factorize(table[by])[0]
    sizes = np.bincount(groups)
    return CopyReport(
        groups=int((sizes > 1).sum()),
        images=int(sizes[sizes > 1].sum()),
        groups_across_splits=_count_mixed(groups, table["split"]),
        groups_with_contradicting_labels=_count_mixed(groups, table["expression"]),
        test_faces_with_copy_in_train=int((mark_copies_in_train(table, links) & (table["split"] == "test")).sum()),
        near=near,
    )


def _count_mixed(groups: np.ndarray, values: pd.Series) -> int:
    """How many groups (N,) have more than one of the values (N,)."""
    codes = pd.factorize(values)[0]
    one_of_each = np.zeros(len(groups), int)
    one_of_each[groups] = codes
    return int((np.bincount(groups[codes != one_of_each[groups]]) > 0).sum())
