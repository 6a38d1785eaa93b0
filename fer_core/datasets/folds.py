"""Cross-validation folds: the train and val faces are divided into parts, of which each run leaves out one."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from fer_core.datasets.checks.copies import mark_copies_in_train, name_links
from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.datasets.splits import draw_split
from fer_core.errors import InputError

_SEED = 0  # of the deal; not a run's own, so that every run on a data set has the same folds


def deal_folds(table: pd.DataFrame, folds: int) -> np.ndarray:
    """(N,) int64 number of each face's part, from 0; -1 for test faces. The same table always gives the same parts.

    Groups stay together, and each part has its share of every expression of every source (`draw_split`).

    Args:
        table: columns source, expression, group and split.
        folds: number of parts, 2 or more.

    Raises:
        InputError: if there are too few groups to fill the parts.
    """
    parts = np.full(len(table), -1)
    rows = np.flatnonzero((table["split"] != "test").to_numpy())
    faces = table.iloc[rows].assign(group=lambda t: pd.factorize(t["group"])[0])
    parts[rows] = draw_split(faces, {str(part): 1 / folds for part in range(folds)}, _SEED).astype(int)
    if len(np.unique(parts[rows])) < folds:
        n_groups = faces["group"].nunique()
        raise InputError(f"folds: {n_groups} groups of faces are too few for {folds} parts. Choose fewer folds.")
    return parts


def leave_out(table: pd.DataFrame, folds: int, fold: int) -> pd.DataFrame:
    """The table with part `fold` for validation, the other parts for training, and the same test faces."""
    parts = deal_folds(table, folds)
    dealt = table.assign(split=np.select([parts < 0, parts == fold], ["test", "val"], "train"))
    dealt = dealt.assign(copy_in_train=mark_copies_in_train(dealt))
    if "copy_group" in dealt:  # sets assembled before near copies were looked for have none
        dealt["near_copy_in_train"] = mark_copies_in_train(dealt, name_links(dealt))
    return dealt


@dataclass(frozen=True)
class Fold(Dataset):
    """A data set whose train and val faces are divided into parts, one of which is used for validation.

    Attributes:
        folds: number of parts, 2 or more.
        fold: the part used for validation, from 0.
    """

    folds: int
    fold: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per face, in the order of `faces`, with its split in this fold."""
        return leave_out(self._read_table(), self.folds, self.fold)


def open_fold(name: str, folds: int, fold: int) -> Fold:
    """One fold of the data set of that name.

    Raises:
        InputError: if there is no such data set.
    """
    dataset = open_dataset(name)
    return Fold(dataset.path, dataset.info, folds, fold)
