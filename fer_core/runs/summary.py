"""Every run in one row: what tables on the pages and on the command line show."""

from contextlib import suppress
from typing import Any

from fer_core.errors import InputError
from fer_core.runs.run import Run, find_best, list_runs, split_metrics


def summarise_runs() -> list[dict[str, Any]]:
    """A dict a run, the newest first; those that cannot be read, `list_unreadable_runs` names."""
    rows = []
    for run in list_runs():
        with suppress(InputError, FileNotFoundError):  # deleted, or damaged, since they were listed
            rows.append(summarise(run))
    return rows


def summarise(run: Run) -> dict[str, Any]:
    """Identity, state, progress and scores of one run; None for what is not known yet.

    Test scores carry the bare names (accuracy, macro_f1, ...), the best validation accuracy `val_accuracy`.
    An ensemble has no epochs: `n_epochs` is 0.
    """
    info, config, report = run.info, run.config, run.report or {}
    epochs, _ = split_metrics(run.metrics())
    best = epochs[find_best(epochs)] if epochs else None
    val, test = report.get("val", {}), report.get("test", {})
    names = (
        "accuracy",
        "n",
        "accuracy_without_copies",
        "n_without_copies",
        "macro_f1",
        "balanced_accuracy",
        "nll",
        "ece",
    )
    return {
        "run_id": run.run_id,
        "title": run.title,
        "state": run.state.value,
        "dataset": info["dataset"],
        "drawn": info.get("drawn", False),
        "model": run.model,
        "device": info["device"],
        "seed": config.seed,
        "created": info["created"],
        "epoch": len(epochs),
        "n_epochs": 0 if run.members else config.epochs,
        "best_epoch": best["epoch"] if best else None,
        "val_accuracy": best["val_accuracy"] if best else val.get("accuracy"),
        **{name: test.get(name) for name in names},
    }
