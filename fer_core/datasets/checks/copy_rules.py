"""A rule for copies, applied: the faces that it leaves with their splits, and how many it would take."""

import numpy as np
import pandas as pd

from fer_core.datasets.checks.copies import COPY_RULES, choose_kept, find_groups
from fer_core.datasets.counts import TakenCount
from fer_core.datasets.splits import split_faces
from fer_core.errors import InputError


def place_faces(read: pd.DataFrame, rule: str, split: str, seed: int) -> pd.DataFrame:
    """The rows of `read` that stay, with the columns group and split.

    drop_leaks goes by the split and is applied after it. The other rules come before it, so that it is drawn from the
    faces that stay; they know the places of an official split alone.

    Args:
        read: all decoded faces, columns source, subject, expression, usage, copy_group and linked.
        rule: one of COPY_RULES.
        split: one of `fer_core.datasets.splits.RULES`, or leave-out:SOURCE.
        seed: of drawn splits.

    Raises:
        InputError: for a split that cannot be made, or when the rule leaves nothing to train on.
    """
    if rule == "drop_leaks":
        placed = _split(read, split, seed)
        kept = placed[choose_kept(placed, rule)]
        if not (kept["split"] == "train").any():
            raise InputError("Every training face has a copy in validation or test. Choose to keep the copies.")
        return kept
    if rule != "keep":
        places = _split(read, "official", seed)["split"] if split == "official" else "train"
        read = read[choose_kept(read.assign(split=places), rule)]
        if read.empty:
            raise InputError("Every face is a copy under contradicting labels. Choose to keep the copies.")
    return _split(read, split, seed)


def count_taken(read: pd.DataFrame, split: str, seed: int) -> list[TakenCount]:
    """How many faces of each source each rule takes, and how many there are.

    Args:
        read: as `place_faces` takes it.
        split: likewise.
        seed: likewise.

    Raises:
        InputError: for a split that cannot be made.
    """
    n_faces = read.groupby("source", sort=False).size()
    _split(read, split, seed)  # a split that cannot be made is no fault of the rules
    counts = []
    for rule in COPY_RULES:
        try:
            taken = n_faces - place_faces(read, rule, split, seed).groupby("source").size().reindex(n_faces.index)
            n: dict[str, int | None] = {s: int(np.nan_to_num(v, nan=n_faces[s])) for s, v in taken.items()}
        except InputError:
            n = dict.fromkeys(n_faces.index)
        counts += [TakenCount(rule=rule, source=s, n=n[s], n_faces=int(n_faces[s])) for s in n_faces.index]
    return counts


def _split(table: pd.DataFrame, split: str, seed: int) -> pd.DataFrame:
    table = table.assign(group=find_groups(table))
    return table.assign(split=split_faces(table, split, seed))
