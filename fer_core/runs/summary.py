"""Summaries of runs, one row each, for the tables of the pages and the command line."""

from contextlib import suppress
from dataclasses import dataclass

from fer_core.errors import InputError
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run, find_best, split_metrics


@dataclass(frozen=True, kw_only=True)
class RunSummary:
    """Identity, state, progress and scores of one run; None for values that are not known yet.

    The scores with bare names (accuracy, n, macro_f1, ...) are those of the test faces.

    Attributes:
        run_id: the folder's name.
        title: display name.
        state: as `Run.state`.
        dataset: the data set's name.
        drawn: whether the faces are drawn.
        model: the architecture, or the number of networks of an ensemble.
        device: the device in whose queue the run is.
        seed: of its config.
        created: ISO 8601.
        epoch: epochs done.
        n_epochs: epochs to do; 0 for an ensemble, which has none.
        best_epoch: the epoch whose weights are kept.
        val_accuracy: the best validation accuracy.
    """

    run_id: str
    title: str
    state: str
    dataset: str
    drawn: bool
    model: str
    device: str
    seed: int
    created: str
    epoch: int
    n_epochs: int
    best_epoch: int | None
    val_accuracy: float | None
    accuracy: float | None
    n: int | None
    accuracy_without_copies: float | None
    n_without_copies: int | None
    macro_f1: float | None
    balanced_accuracy: float | None
    nll: float | None
    ece: float | None


def summarise_runs() -> list[RunSummary]:
    """One row per readable run, newest first; `list_unreadable_runs` lists the others."""
    rows = []
    for run in list_runs():
        with suppress(InputError, FileNotFoundError):  # deleted, or damaged, since they were listed
            rows.append(summarise(run))
    return rows


def summarise(run: Run) -> RunSummary:
    """The row of one run."""
    info, config, report = run.info, run.config, run.report or {}
    epochs, _ = split_metrics(run.metrics())
    best = epochs[find_best(epochs)] if epochs else None
    val, test = report.get("val"), report.get("test")
    return RunSummary(
        run_id=run.run_id,
        title=run.title,
        state=run.state.value,
        dataset=info.dataset,
        drawn=info.drawn,
        model=f"ensemble of {len(info.members)}" if info.members else config.model,
        device=info.device,
        seed=config.seed,
        created=info.created,
        epoch=len(epochs),
        n_epochs=0 if info.members else config.epochs,
        best_epoch=best.epoch if best else None,
        val_accuracy=best.val_accuracy if best else val.accuracy if val else None,
        accuracy=test.accuracy if test else None,
        n=test.n if test else None,
        accuracy_without_copies=test.accuracy_without_copies if test else None,
        n_without_copies=test.n_without_copies if test else None,
        macro_f1=test.macro_f1 if test else None,
        balanced_accuracy=test.balanced_accuracy if test else None,
        nll=test.nll if test else None,
        ece=test.ece if test else None,
    )
