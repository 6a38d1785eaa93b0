"""Which faces are copies of each other, as sets and as links, using known subjects.

The rule. Two faces are copies when they show one picture: the very same pixels, or a near copy
(`fer_core.datasets.checks.near_copies`). Two faces of one subject of one source show one person, and so are alike
without being one picture. Of those only a correlation of SAME_PICTURE and more makes copies, and within one sequence,
whose consecutive frames reach 0.9998, only equal pixels do. Labels play no part in it.

Copies of copies are joined, in two ways:

- `linked`: all that hangs together through copies, however long the chain. It says what may give what away. Splits tear
  no linked faces apart (joining too many does no harm there), and whether a held-out face was seen in training is
  decided by it.
- `copy_group`: the sets that are counted, thinned out and searched for contradicting labels. Pairs are joined from the
  most alike to the least, and two sets that hold different pictures of one subject are never joined. So a frame of CK+
  that is a near copy of a face in FER2013 joins that face's set, and the next frame of the same person, which is a near
  copy of that face too, stays outside.

The two differ only where subjects are known.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from fer_core.datasets.checks.near_copies import NearPairs, match_near

SAME_PICTURE = 0.99
"""Of the pixels: two faces of one subject and different sequences are one picture from here on.

In CK+ 3,177 such pairs with different expressions reach 0.981 at most, 486 of them lie above the 0.92 of near copies.
"""


class CopyGroups(NamedTuple):
    """Two numberings of N faces, (N,) int64 each, in the order of their first faces.

    Attributes:
        copy_group: the number of the set of copies; a face without copies is a set of its own.
        linked: the number of all that hangs together through copies.
    """

    copy_group: np.ndarray
    linked: np.ndarray


def group_copies(
    faces: np.ndarray,
    places: np.ndarray,
    table: pd.DataFrame,
    near: bool,
    turned: bool | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> CopyGroups:
    """The copies among N faces.

    Args:
        faces: (M, H, W) uint8, may be memory-mapped.
        places: (N,) which of them.
        table: N rows with the column sha256, equal for exact copies; where people are known also source, subject and
            sequence ("" where unknown).
        near: whether near copies count too.
        turned: whether turned, shifted and cropped ones do, as `match_near` has it.
        progress: of looking for those, how many of how many steps are done.
    """
    exact = pd.factorize(table["sha256"])[0]
    if not near:
        return CopyGroups(exact, exact)
    first = np.flatnonzero(~table["sha256"].duplicated().to_numpy())
    found = match_near(faces, places[first], turned, progress)
    subjects, sequences = (_gather(table, column, exact) for column in ("subject", "sequence"))
    copy_group, linked = join_pairs(len(first), found, subjects, sequences)
    return CopyGroups(pd.factorize(copy_group[exact])[0], pd.factorize(linked[exact])[0])


def join_pairs(n: int, found: NearPairs, subjects: csr_array, sequences: csr_array) -> CopyGroups:
    """The sets of `n` pictures that are near copies in pairs.

    Args:
        n: how many different pictures.
        found: pairs of them, and their correlations.
        subjects: (n, S) which subjects each is known to show.
        sequences: (n, Q) which sequences each is known to be a frame of.
    """
    pairs, correlation = found
    of_one = _share(subjects, pairs)
    is_copy = ~of_one | ((correlation >= SAME_PICTURE) & ~_share(sequences, pairs))
    pairs, correlation, of_one = pairs[is_copy], correlation[is_copy], of_one[is_copy]
    linked = _connect(n, pairs)
    torn = _mark_torn(linked, _connect(n, pairs[of_one]), subjects)
    within = np.flatnonzero(torn[pairs[:, 0]])
    order = within[np.lexsort((pairs[within, 1], pairs[within, 0], -correlation[within], ~of_one[within]))]
    sets = _Sets(subjects)
    for (a, b), same in zip(pairs[order].tolist(), of_one[order].tolist(), strict=True):
        sets.join(a, b, same)
    copy_group = n + linked
    copy_group[torn] = [sets.find(picture) for picture in np.flatnonzero(torn).tolist()]
    return CopyGroups(copy_group, linked)


class _Sets:
    """Disjoint sets of pictures, each with the subjects in it; one that was never joined is not kept."""

    def __init__(self, subjects: csr_array) -> None:
        self._subjects = subjects
        self._parent: dict[int, int] = {}
        self._shown: dict[int, set[int]] = {}

    def find(self, item: int) -> int:
        """The representative of the set."""
        root = item
        while root in self._parent:
            root = self._parent[root]
        while item != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def join(self, a: int, b: int, same: bool) -> None:
        """Joins two sets, unless they show one subject in different pictures.

        Args:
            a: a picture of the one.
            b: a picture of the other.
            same: these two are one picture of one subject.
        """
        a, b = self.find(a), self.find(b)
        if a == b or not (same or self._show(a).isdisjoint(self._show(b))):
            return
        self._parent[b] = a
        self._shown[a] = self._show(a) | self._shown.pop(b, self._show(b))

    def _show(self, root: int) -> set[int]:
        if root not in self._shown:
            self._shown[root] = set(_row(self._subjects, root))
        return self._shown[root]


def _gather(table: pd.DataFrame, column: str, exact: np.ndarray) -> csr_array:
    """(n, K) above 0: which values of the column the faces of each set of exact copies have; a source has its own."""
    n = int(exact.max(initial=-1)) + 1
    if column not in table or "source" not in table:
        return csr_array((n, 0), dtype=np.int32)
    known = (table[column].fillna("") != "").to_numpy()
    code, names = pd.factorize(table.loc[known, "source"].astype(str) + "/" + table.loc[known, column].astype(str))
    shape = (n, len(names))
    return csr_array((np.ones(len(code), np.int32), (exact[known], code)), shape=shape)


def _row(matrix: csr_array, i: int) -> list[int]:
    return matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tolist()


def _share(matrix: csr_array, pairs: np.ndarray) -> np.ndarray:
    """(P,) bool: both of the pair have a column in common."""
    if not matrix.shape[1] or not len(pairs):
        return np.zeros(len(pairs), bool)
    return np.asarray(matrix[pairs[:, 0]].multiply(matrix[pairs[:, 1]]).sum(axis=1)).ravel() > 0


def _connect(n: int, pairs: np.ndarray) -> np.ndarray:
    """(n,) the number of all that hangs together through the pairs."""
    graph = coo_array((np.ones(len(pairs), np.int8), tuple(pairs.T)), shape=(n, n))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def _mark_torn(linked: np.ndarray, pictures: np.ndarray, subjects: csr_array) -> np.ndarray:
    """(n,) bool: what it is linked with holds two different pictures of one subject."""
    node, subject = subjects.nonzero()
    seen = pd.DataFrame({"linked": linked[node], "subject": subject, "picture": pictures[node]})
    several = seen.groupby(["linked", "subject"])["picture"].nunique()
    return np.isin(linked, several.index.get_level_values("linked")[several > 1])
