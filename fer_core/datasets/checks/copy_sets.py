"""The individual sets of copies in a data set, and the test faces with a copy among the training faces."""

import numpy as np
import pandas as pd

from fer_core.datasets.counts import LeakCount
from fer_core.datasets.select import number_sets
from fer_core.labels import EXPRESSIONS


def list_sets(table: pd.DataFrame) -> pd.DataFrame:
    """One row per set of two or more exact or near copies, largest first, indexed by its number (`number_sets`).

    Columns: n (faces), first (row of its first face), n_labels and n_splits (numbers of different ones), and exact
    (bool: whether all its faces have equal pixels).
    """
    numbers = number_sets(table)
    rows = np.flatnonzero((np.bincount(numbers) > 1)[numbers])
    faces = table[["sha256", "split", "expression"]].iloc[rows].assign(number=numbers[rows], row=rows)
    sets = faces.groupby("number", sort=False).agg(
        n=("row", "size"),
        first=("row", "first"),
        n_labels=("expression", "nunique"),
        n_splits=("split", "nunique"),
        n_pixels=("sha256", "nunique"),
    )
    sets["exact"] = sets.pop("n_pixels") == 1
    return sets.sort_values("n", ascending=False, kind="stable")


def count_leaks(table: pd.DataFrame) -> list[LeakCount]:
    """One count per source and expression of the test faces."""
    near = "near_copy_in_train" if "near_copy_in_train" in table else None
    marks = ["copy_in_train", *([near] if near else [])]
    faces = table.loc[table["split"] == "test", ["source", "expression", *marks]]
    groups = faces.groupby(["source", "expression"], sort=False)
    sizes, marked = groups.size(), groups[marks].sum()
    return [
        LeakCount(
            source=source,
            expression=expression,
            n=int(sizes[source, expression]),
            exact=int(marked.loc[(source, expression), "copy_in_train"]),
            near=int(marked.loc[(source, expression), near]) if near else None,
        )
        for source in faces["source"].unique()
        for expression in EXPRESSIONS
        if (source, expression) in sizes.index
    ]
