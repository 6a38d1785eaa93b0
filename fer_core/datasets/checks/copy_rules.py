"""Applies a rule for copies: the kept faces with their splits, and how many faces it excludes."""

import numpy as np
import pandas as pd

from fer_core.datasets.checks.copies import COPY_RULES, choose_kept, find_groups
from fer_core.datasets.counts import TakenCount
from fer_core.datasets.splits import split_faces
from fer_core.errors import InputError


def place_faces(read: pd.DataFrame, rule: str, split: str, seed: int) -> pd.DataFrame:
    """The kept rows of `read`, with the columns group and split.

    drop_leaks depends on the split and is applied after it. The other rules come first, so that the split is drawn from
    the kept faces; they know only the places of an official split.

    Args:
        read: all decoded faces, columns source, subject, expression, usage, copy_group and linked.
        rule: one of COPY_RULES.
        split: one of `fer_core.datasets.splits.RULES`, or leave-out:SOURCE.
        seed: of drawn splits.

    Raises:
        InputError: for an impossible split, or if the rule leaves no training faces.
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
            raise InputError("Every face has a copy with another label. Choose to keep the copies.")
    return _split(read, split, seed)


def count_taken(read: pd.DataFrame, split: str, seed: int) -> list[TakenCount]:
    """How many faces of each source each rule excludes, and how many there are.

    Args:
        read: as for `place_faces`.
        split: likewise.
        seed: likewise.

    Raises:
        InputError: for an impossible split.
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
