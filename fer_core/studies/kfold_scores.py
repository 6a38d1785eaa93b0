"""The results of a cross-validation: mean and standard deviation over folds, and out-of-fold probabilities."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd

from fer_core.base.files import read_table, write_atomic
from fer_core.base.unreadable import Unreadable, list_unreadable
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.labels import EXPRESSIONS
from fer_core.runs.groups import Group, list_groups, list_unreadable_groups
from fer_core.runs.predictions import PROBS, get_probs, read_predictions
from fer_core.runs.report import SplitReport
from fer_core.runs.run import Run

SCORES = ("accuracy", "accuracy_without_copies", "macro_f1", "balanced_accuracy", "nll", "ece")
Spread = dict[str, float | None]  # {mean, std}


class FoldSummary(TypedDict):
    """The run of one fold; accuracies are None until it has finished."""

    fold: int
    run_id: str
    state: str
    val_accuracy: float | None
    test_accuracy: float | None


class GroupSummary(TypedDict):
    """A cross-validation; `scores` are split -> score -> its spread over the `n_finished` folds."""

    group: str
    title: str
    dataset: str
    folds: int
    command: str
    n_finished: int
    runs: list[FoldSummary]
    scores: dict[str, dict[str, Spread]]
    out_of_fold: str | None


def summarise_group(group: Group) -> GroupSummary:
    """Title, data set, folds, the state of each run, and `scores`: {val or test: {score: {mean, std}}}.

    Over the finished folds; `val` are the faces that each left out, which also selected its best epoch. `std` is
    the sample standard deviation, None for a single fold.
    """
    info, runs = group.info, group.runs
    reports = [run.report or {} for run in runs if run.state is State.FINISHED]
    path = write_out_of_fold(group)
    return {
        "group": group.group_id,
        "title": info.title,
        "dataset": info.dataset,
        "folds": info.folds,
        "command": info.command,
        "n_finished": len(reports),
        "runs": [_summarise_fold(run) for run in runs],
        "scores": {split: _spread([r[split] for r in reports if split in r]) for split in ("val", "test")},
        "out_of_fold": str(path) if path else None,
    }


def summarise_groups() -> list[GroupSummary]:
    """Summaries of all readable cross-validations, newest first; `list_damaged_groups` names the others."""
    return [summarise_group(group) for group in list_groups() if _find_problem(group) is None]


def list_damaged_groups() -> list[Unreadable]:
    """The cross-validations with a damaged file, or with inconsistent folds."""
    whole = ((group.group_id, _find_problem(group)) for group in list_groups())
    return [*list_unreadable(whole), *list_unreadable_groups()]


def _find_problem(group: Group) -> InputError | None:
    try:
        write_out_of_fold(group)
    except InputError as error:
        return error
    return None


def write_out_of_fold(group: Group) -> Path | None:
    """Writes a file with one row per train or val face, by name, and returns it; None until all folds have finished.

    Columns: face_id, digest (as in predictions.parquet; absent in groups of earlier versions), fold (that left it out,
    from 0), expression, prob_<expression> by the network that was not trained on it. They are calibrated; temperature
    and best epoch were chosen on the fold itself.

    Raises:
        InputError: if the folds do not contain each face once because the data set changed between them.
    """
    path, info, runs = group.path / "out_of_fold.parquet", group.info, group.runs
    if path.exists():
        return path
    if len(runs) < info.folds or any(run.state is not State.FINISHED for run in runs):
        return None
    table = pd.concat([_read_left_out(run) for run in runs]).sort_values("face_id", ignore_index=True)
    n_prints = len({run.info.dataset_fingerprint for run in runs})
    if n_prints > 1 or not table["face_id"].is_unique or len(table) != info.n:
        raise InputError(
            f"{group.group_id}: its folds do not contain each of {info.n:,} faces exactly once, so {info.dataset} "
            "was assembled again between them. Delete the group and start it again."
        )
    write_atomic(path, lambda temporary: table.to_parquet(temporary, index=False))
    return path


def read_out_of_fold(path: Path) -> pd.DataFrame:
    """What `write_out_of_fold` wrote.

    Raises:
        UnreadableError: when the file is damaged.
    """
    return read_table(path, "face_id", "fold", "expression", *(f"prob_{expression}" for expression in EXPRESSIONS))


def format_spread(spread: Spread | None, name: str) -> str:
    """Mean and standard deviation as text: "67.1 ± 0.6 %", for nll "0.912 ± 0.031", a dash for None."""
    if spread is None or spread["mean"] is None:
        return "-"
    scale, digits, unit = (1, 3, "") if name == "nll" else (100, 1, " %")
    mean, std = (None if value is None else f"{scale * value:.{digits}f}" for value in (spread["mean"], spread["std"]))
    return f"{mean}{unit}" if std is None else f"{mean} ± {std}{unit}"


def _summarise_fold(run: Run) -> FoldSummary:
    report = run.report or {}
    val, test = report.get("val"), report.get("test")
    return {
        "fold": run.config.fold,
        "run_id": run.run_id,
        "state": run.state.value,
        "val_accuracy": val.accuracy if val else None,
        "test_accuracy": test.accuracy if test else None,
    }


def _spread(reports: Sequence[SplitReport]) -> dict[str, Spread]:
    """Score -> mean and standard deviation; scores that a fold lacks are omitted."""
    spread: dict[str, Spread] = {}
    for name in SCORES:
        values = [getattr(report, name) for report in reports]
        if values and None not in values:
            std = float(np.std(values, ddof=1)) if len(values) > 1 else None
            spread[name] = {"mean": float(np.mean(values)), "std": std}
    return spread


def _read_left_out(run: Run) -> pd.DataFrame:
    table = read_predictions(run.path)
    table = table[table["split"] == "val"]
    kept = table[["face_id", *(["digest"] if "digest" in table else []), "expression"]]
    kept.insert(kept.columns.get_loc("expression"), "fold", run.config.fold)
    kept[PROBS] = get_probs(table).astype(np.float32)
    return kept
