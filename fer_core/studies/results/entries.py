"""One run in a row's file: its command, duration, scores by split, and curves."""

import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from fer_core.base.devices import describe_devices
from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.runs.run import Run, find_best, split_metrics
from fer_core.studies.results.rows import Row, TrainRow

# Of an epoch's line, as its columns in the file.
CURVES = (
    "epoch", "train_loss", "train_accuracy", "train_clean_loss", "train_clean_accuracy", "val_loss", "val_accuracy",
)  # fmt: skip
SCORES = (
    "n", "accuracy", "n_without_copies", "accuracy_without_copies", "macro_f1", "balanced_accuracy", "nll", "ece",
    "ece_floor", "ece_floor_95", "confusion",
)  # fmt: skip
_PAUSE_S = 300.0  # between two lines of metrics.jsonl: a longer time is one in which nothing trained


Entry = dict[str, Any]  # one run of a row, as the row's JSON file has it
ScoreEntry = dict[str, Any]  # the scores of one split in it


def build_entry(
    run: Run, row: Row, seed: int | None, command: str, scores: Mapping[str, Mapping[str, Any]], has_curves: bool = True
) -> Entry:
    """The entry of a scored run.

    Args:
        run: the trained, averaged or scored run.
        row: its row.
        seed: of the run within the row; None for the only one.
        command: the command that reproduces it.
        scores: by split, each as `pick_scores` gives it.
        has_curves: whether its epochs belong to the row.
    """
    info = run.info
    epochs, _ = split_metrics(run.metrics())
    is_trained = isinstance(row, TrainRow)
    entry: Entry = {
        "seed": seed,
        "run_id": run.run_id,
        "command": command,
        "measured": time.strftime("%Y-%m-%d"),
        "git_commit": info.git_commit if is_trained or run.members else None,
        "dataset_fingerprint": info.dataset_fingerprint,
        "device": info.device,
        "machine": name_machine(info.device, run.config.threads) if is_trained else "",
        "seconds": measure_seconds(run) if is_trained or run.members else None,
        "n_epochs": run.config.epochs if epochs else None,
        "best_epoch": epochs[find_best(epochs)].epoch if epochs else None,
        "scores": {split: dict(values) for split, values in scores.items()},
    }
    if has_curves and epochs:
        entry["curves"] = {name: [_round(getattr(line, name)) for line in epochs] for name in CURVES}
    return entry


def pick_scores(document: Mapping[str, Any], row: Row, place: str) -> ScoreEntry:
    """The scores of one split that the table shows, for the row's head and ground truth.

    Args:
        document: scores of the split from a report or from `fer evaluate --json`.
        row: the row to score.
        place: what was scored, for error messages.

    Raises:
        InputError: if the network lacks the head, or the faces have no votes.
    """
    found = document
    if document.get("head", "labels") != row.head:
        if row.head not in document:
            raise InputError(f"{place} has no {row.head} head. Train it on a data set with votes and set votes_weight.")
        found = document[row.head]
    if row.against == "votes":
        if "against_votes" not in found:
            raise InputError(f'{place} has no faces with votes. Choose against = "labels".')
        found = found["against_votes"]
    return {name: _round(found[name]) for name in SCORES if name in found}


def measure_seconds(run: Run) -> float | None:
    """Training time of the run without pauses; for one without epochs, the time until it ended."""
    times = [line.time for line in run.metrics()]
    if len(times) > 1:
        gaps = [after - before for before, after in pairwise(times)]
        return round(sum(gap for gap in gaps if 0 < gap < _PAUSE_S), 1)
    ended = run.exit
    return ended.seconds if ended and run.members else None


def name_machine(device: str, threads: int = 0) -> str:
    """The device's product name; for a CPU with its number of threads, or of cores if threads is 0."""
    kind, _, number = device.partition(":")
    lines = describe_devices()
    if kind == "cuda":
        names = [line.partition(": ")[2] for line in lines if line.startswith(f"GPU {number or 0}:")]
        return names[0] if names else device
    if kind != "cpu":
        return device
    name = lines[-1].removeprefix("CPU: ")
    return f"{name.rpartition(', ')[0]}, {count_of(threads, 'thread')}" if threads else name


def _round(value: Any) -> Any:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_round(each) for each in value]
    return round(value, 6) if isinstance(value, float) else value
