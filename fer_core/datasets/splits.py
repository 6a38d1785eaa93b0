"""Splits: which faces are for training, validation and test.

`official` keeps the first source's own split, `80:10:10` draws whole groups, and `leave-out:SOURCE` tests on
one source and trains on all others.
"""

import numpy as np
import pandas as pd

from fer_core.errors import InputError

SPLITS = ("train", "val", "test")
RULES = ("official", "80:10:10")
LEAVE_OUT = "leave-out:"


def check_rule(rule: str, sources: list[str] | None = None) -> None:
    """Raises InputError unless the rule can be applied.

    Args:
        rule: one of RULES, or leave-out:SOURCE.
        sources: of the data set; None while unknown.

    Raises:
        InputError: for an unknown rule, an unknown source, or leaving out the only source.
    """
    if rule in RULES:
        return
    left_out = rule.removeprefix(LEAVE_OUT)
    if left_out == rule:
        raise InputError(f"Unknown split {rule!r}. Choose one of {', '.join(RULES)}, or {LEAVE_OUT}SOURCE.")
    if sources is None:
        return
    if left_out not in sources:
        raise InputError(f"There is no source {left_out!r} to test on. Choose one of {', '.join(sources)}.")
    if len(sources) < 2:
        raise InputError(f"{rule} leaves no faces to train on. Add another source.")


def split_faces(table: pd.DataFrame, rule: str, seed: int) -> np.ndarray:
    """(N,) object array of train, val or test.

    Args:
        table: columns source, expression, usage and group.
        rule: one of RULES, or leave-out:SOURCE.
        seed: of the draw; the same seed gives the same split on any machine.

    Raises:
        InputError: for a rule that cannot be applied (`check_rule`), or official if no source has splits.
    """
    check_rule(rule, table["source"].unique().tolist())
    if rule == "80:10:10":
        return draw_split(table, {"train": 0.8, "val": 0.1, "test": 0.1}, seed)
    if rule == "official":
        return _official(table, seed)
    return _leave_out(table, rule.removeprefix(LEAVE_OUT), seed)


def draw_split(table: pd.DataFrame, shares: dict[str, float], seed: int) -> np.ndarray:
    """(N,) splits drawn so that groups stay together and every (expression, source) has the requested shares.

    Groups of several faces are assigned first, largest first, each to the split that lacks most of
    its faces; single faces then fill every stratum up to its share.
    """
    rng = np.random.default_rng(seed)
    names = list(shares)
    stratum, strata = pd.factorize(table["expression"] + "/" + table["source"])
    group = table["group"].to_numpy()
    total = np.bincount(stratum, minlength=len(strata))
    lacking = np.outer(list(shares.values()), total).astype(float)  # (splits, strata) faces still wanted
    size = np.bincount(group)
    result = np.full(len(table), -1)
    order = np.argsort(group, kind="stable")
    starts = np.concatenate([[0], np.cumsum(size)])
    several = rng.permutation(np.flatnonzero(size > 1))
    for g in several[np.argsort(-size[several], kind="stable")]:
        members = order[starts[g] : starts[g + 1]]
        held = np.bincount(stratum[members], minlength=len(strata))
        wanted = (lacking * held / np.maximum(total, 1)).sum(1) / list(shares.values())
        chosen = int(np.argmax(wanted))
        result[members] = chosen
        lacking[chosen] -= held
    for s in range(len(strata)):
        singles = rng.permutation(np.flatnonzero((stratum == s) & (result < 0)))
        quota = np.maximum(lacking[:, s], 0)
        cuts = np.rint(np.cumsum(quota) / max(quota.sum(), 1e-9) * len(singles)).astype(int)
        for i, part in enumerate(np.split(singles, cuts[:-1])):
            result[part] = i
    return np.array(names, dtype=object)[result]


def _official(table: pd.DataFrame, seed: int) -> np.ndarray:
    """The first source with splits keeps them; every other source is used for training only.

    If a source has only a validation part, this is the test split; a missing validation split is drawn from its
    training faces (10 %, whole groups).
    """
    with_usage = table.loc[table["usage"] != "", "source"]
    if with_usage.empty:
        raise InputError("None of the sources has an official split. Choose the split 80:10:10 (--split 80:10:10).")
    is_main = (table["source"] == with_usage.iloc[0]).to_numpy()
    result = np.where(is_main, table["usage"], "train").astype(object)
    result[result == ""] = "train"
    if not (result == "test").any():
        result[result == "val"] = "test"
    if not (result == "val").any():
        _draw_validation(table, result, is_main & (result == "train"), seed)
    missing = [split for split in SPLITS if not (result == split).any()]
    if missing:
        raise InputError(
            f"The official split has no {', '.join(missing)} faces. Choose the split 80:10:10 (--split 80:10:10)."
        )
    return result


def _leave_out(table: pd.DataFrame, source: str, seed: int) -> np.ndarray:
    """Tests on all of `source` and trains on the others, with 10 % of them, in whole groups, for validation."""
    is_test = (table["source"] == source).to_numpy()
    result = np.where(is_test, "test", "train").astype(object)
    _draw_validation(table, result, ~is_test, seed)
    if len(set(result)) < len(SPLITS):
        raise InputError(
            f"Without {source}, the sources have too few faces for training and validation. Add another source."
        )
    return result


def _draw_validation(table: pd.DataFrame, splits: np.ndarray, candidates: np.ndarray, seed: int) -> None:
    """Assigns 10 % of the candidates, in whole groups, to validation and the rest to training."""
    rows = np.flatnonzero(candidates)
    part = table.iloc[rows].assign(group=lambda t: pd.factorize(t["group"])[0])
    splits[rows] = draw_split(part, {"train": 0.9, "val": 0.1}, seed)
