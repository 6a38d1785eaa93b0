"""The runs that belong to a row, found again in the workspace whatever started or stopped them."""

from collections.abc import Iterator

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import pin_runs
from fer_core.runs.find import list_runs
from fer_core.runs.masks import choose_sources
from fer_core.runs.run import Run
from fer_core.runs.training_data import open_training
from fer_core.studies.results.datasets import find_dataset
from fer_core.studies.results.rows import EnsembleRow, Row, TrainRow, list_titles
from fer_core.studies.results.table_file import TableFile

TAG = "results_row"  # in run.json: the row that a run was made for

_FREE = ("name", "tensorboard")  # may differ from the row's config


def resolve_config(row: TrainRow, seed: int, table: TableFile) -> TrainConfig:
    """What the run of that seed trains, as a new run's config is written.

    The runs that it learns from have their whole ids: they are those of their rows, on the data sets of today. A title
    may also be that of a run on other faces, among which are maybe those that this one is tested on.

    Raises:
        InputError: when one of them is not there, with the command that makes it.
    """
    config = row.config(seed)
    ids: dict[str, str] = {}  # by title
    for name in row.needs:
        titles = [title for title in list_titles(table.rows[name]) if title in row.parents]
        runs = need_runs(table.rows[name], table, titles)
        ids |= {title: run.run_id for title, run in zip(titles, runs, strict=True)}
    init = f"run:{ids[config.init[4:]]}" if config.init[4:] in ids and config.init.startswith("run:") else config.init
    teacher = ",".join(ids.get(title, title) for title in config.teachers)
    pinned = pin_runs(config.model_copy(update={"init": init, "teacher": teacher}))
    return choose_sources(pinned, open_training(config))


def find_trained(row: TrainRow, seed: int, table: TableFile, fingerprint: str) -> Run | None:
    """The run of that seed that has come furthest: finished, else with most epochs, the newest of equals.

    It was made for the row, or a person named it after the row (`fer train --name ROW`). A run with another config or
    on another version of the data set is not taken.
    """
    try:
        wanted = resolve_config(row, seed, table)
    except InputError:  # a run that it learns from is not there
        return None
    found = [run for run in _of_row(row) if run.fingerprint == fingerprint and _trains(run, wanted)]
    return max(found, key=lambda run: (run.state is State.FINISHED, len(run.metrics()), run.run_id), default=None)


def find_ensemble(row: EnsembleRow, candidates: list[Run]) -> Run | None:
    """The newest ensemble that was made for the row of these very runs."""
    ids = [run.run_id for run in candidates]
    for run in _of_row(row):
        info = run.info
        if list(info.candidates) == ids and bool(info.selection) == row.greedy and run.state is State.FINISHED:
            return run
    return None


def find_runs(row: Row, table: TableFile, fingerprint: str) -> list[Run | None]:
    """The finished runs of a row that makes some, seed by seed; None for one that is not there."""
    if isinstance(row, TrainRow):
        runs = [find_trained(row, seed, table, fingerprint) for seed in row.seeds]
        return [run if run and run.state is State.FINISHED else None for run in runs]
    assert isinstance(row, EnsembleRow), row
    members = [run for name in row.members for run in find_runs(table.rows[name], table, fingerprint)]
    whole = [run for run in members if run]
    return [find_ensemble(row, whole) if len(whole) == len(members) else None]


def need_runs(row: Row, table: TableFile, titles: list[str] | None = None) -> list[Run]:
    """The finished runs of a row on the data set that the workspace has.

    Args:
        row: that makes runs.
        table: of the row.
        titles: of the runs that are needed; None: all.

    Raises:
        InputError: when one of them is not there, with the command that makes it.
    """
    known = list_titles(row)
    fingerprint = find_dataset(row.dataset, table.datasets[row.dataset])
    found = dict(zip(known, find_runs(row, table, fingerprint) if fingerprint else [None] * len(known), strict=True))
    wanted = [found[title] for title in (known if titles is None else titles)]
    whole = [run for run in wanted if run]
    if len(whole) < len(wanted):
        raise InputError(
            f"It needs the runs of {row.name}; this workspace has {len(whole)} of {count_of(len(wanted), 'run')}. "
            f"Train them with `fer results run --again --only {row.name}`."
        )
    return whole


def _trains(run: Run, wanted: TrainConfig) -> bool:
    """Whether the run is a training with that config."""
    same = {name: getattr(wanted, name) for name in _FREE}
    return not run.members and run.config.model_copy(update=same) == wanted


def _of_row(row: Row) -> Iterator[Run]:
    """The runs made for the row or named after it, the newest first; one whose files are damaged is left out."""
    for run in list_runs():
        try:
            config, tag = run.config, run.info.results_row
        except (InputError, FileNotFoundError):
            continue
        if tag == row.name or config.name == row.name or config.name.startswith(f"{row.name} seed "):
            yield run
