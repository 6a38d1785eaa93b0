"""Which faces belong together: exact copies, and faces of one subject."""

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class CopyReport:
    """Exact copies in a data set, counted after the split.

    Attributes:
        groups: sets of two or more equal images.
        images: faces in them.
        groups_across_splits: sets with members in more than one split.
        groups_with_contradicting_labels: sets whose members carry different expressions.
        test_faces_with_copy_in_train: test faces that a network may have seen.
    """

    groups: int
    images: int
    groups_across_splits: int
    groups_with_contradicting_labels: int
    test_faces_with_copy_in_train: int

    def to_dict(self) -> dict[str, int]:
        """The counts by name."""
        return asdict(self)


def find_groups(table: pd.DataFrame) -> np.ndarray:
    """(N,) a number for each set of faces that no split may tear apart.

    Two faces are in one set when they are copies (equal sha256), show one subject of one source, or
    are joined through a third.
    """
    n = len(table)
    keys = [pd.factorize(table["sha256"])[0]]
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


def mark_copies_in_train(table: pd.DataFrame) -> np.ndarray:
    """(N,) bool: the face lies outside the training split and an equal image lies in it."""
    seen = table["sha256"].isin(table.loc[table["split"] == "train", "sha256"]).to_numpy()
    return seen & (table["split"] != "train").to_numpy()


def report_copies(table: pd.DataFrame) -> CopyReport:
    """Counts the exact copies; needs the columns sha256, split, expression and copy_in_train."""
    sets = table.groupby("sha256", sort=False).agg(
        n=("split", "size"), n_splits=("split", "nunique"), n_labels=("expression", "nunique")
    )
    sets = sets[sets["n"] > 1]
    return CopyReport(
        groups=len(sets),
        images=int(sets["n"].sum()),
        groups_across_splits=int((sets["n_splits"] > 1).sum()),
        groups_with_contradicting_labels=int((sets["n_labels"] > 1).sum()),
        test_faces_with_copy_in_train=int((table["copy_in_train"] & (table["split"] == "test")).sum()),
    )
