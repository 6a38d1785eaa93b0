"""The runs that belong to a row, found again in the workspace whatever started or stopped them."""

from collections.abc import Iterator

from fer_core.config import TrainConfig
from fer_core.errors import InputError
from fer_core.new_run import pin_runs
from fer_core.results.rows import EnsembleRow, Row, TrainRow
from fer_core.results.table_file import TableFile
from fer_core.runs import Run, list_runs

TAG = "results_row"  # in run.json: the row that a run was made for

_FREE = ("name", "tensorboard")  # may differ from the row's config


def find_trained(row: TrainRow, seed: int, fingerprint: str) -> Run | None:
    """The run of that seed that has come furthest: finished, else with most epochs, the newest of equals.

    It was made for the row, or a person named it after the row (`fer train --name ROW`). A run with another config or
    on another version of the data set is not taken.
    """
    from fer_core.data.dataset import open_training  # pandas
    from fer_core.masks import choose_sources

    config = row.config(seed)
    wanted = choose_sources(pin_runs(config), open_training(config))  # as a new run of it would be made
    found = [run for run in _of_row(row) if run.fingerprint == fingerprint and _trains(run, wanted)]
    return max(found, key=lambda run: (run.state == "finished", len(run.metrics()), run.run_id), default=None)


def find_ensemble(row: EnsembleRow, candidates: list[Run]) -> Run | None:
    """The newest ensemble that was made for the row of these very runs."""
    ids = [run.run_id for run in candidates]
    for run in _of_row(row):
        info = run.info
        if info.get("candidates") == ids and bool(info.get("selection")) == row.greedy and run.state == "finished":
            return run
    return None


def find_runs(row: Row, table: TableFile, fingerprint: str) -> list[Run | None]:
    """The finished runs of a row that makes some, seed by seed; None for one that is not there."""
    if isinstance(row, TrainRow):
        runs = [find_trained(row, seed, fingerprint) for seed in row.seeds]
        return [run if run and run.state == "finished" else None for run in runs]
    assert isinstance(row, EnsembleRow), row
    members = [run for name in row.members for run in find_runs(table.rows[name], table, fingerprint)]
    whole = [run for run in members if run]
    return [find_ensemble(row, whole) if len(whole) == len(members) else None]


def _trains(run: Run, wanted: TrainConfig) -> bool:
    """Whether the run is a training with that config."""
    same = {name: getattr(wanted, name) for name in _FREE}
    return not run.members and run.config.model_copy(update=same) == wanted


def _of_row(row: Row) -> Iterator[Run]:
    """The runs made for the row or named after it, the newest first; one whose files are damaged is left out."""
    for run in list_runs():
        try:
            config, tag = run.config, run.info.get(TAG)
        except (InputError, FileNotFoundError):
            continue
        if tag == row.name or config.name == row.name or config.name.startswith(f"{row.name} seed "):
            yield run
