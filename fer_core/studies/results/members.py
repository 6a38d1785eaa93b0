"""Finds the runs of a row in the workspace, however they were started or stopped."""

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
    """The config of the run of that seed, as written for a new run.

    Parent runs are given by their full ids: those of their rows on the current data sets. A title
    may also belong to a run on other faces, which may include the test faces of this one.

    Raises:
        InputError: if one of them is missing; the message has the command that makes it.
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
    """The most advanced run of that seed: finished, else with the most epochs; the newest of equals.

    It was made for the row, or named after it (`fer train --name ROW`). Runs with another config or
    on another version of the data set are ignored.
    """
    try:
        wanted = resolve_config(row, seed, table)
    except InputError:  # a run that it learns from is not there
        return None
    found = [run for run in _of_row(row) if run.fingerprint == fingerprint and _trains(run, wanted)]
    return max(found, key=lambda run: (run.state is State.FINISHED, len(run.metrics()), run.run_id), default=None)


def find_ensemble(row: EnsembleRow, candidates: list[Run]) -> Run | None:
    """The newest ensemble of exactly these runs that was made for the row."""
    ids = [run.run_id for run in candidates]
    for run in _of_row(row):
        info = run.info
        if list(info.candidates) == ids and bool(info.selection) == row.greedy and run.state is State.FINISHED:
            return run
    return None


def find_runs(row: Row, table: TableFile, fingerprint: str) -> list[Run | None]:
    """The finished runs of a row by seed; None for missing ones."""
    if isinstance(row, TrainRow):
        runs = [find_trained(row, seed, table, fingerprint) for seed in row.seeds]
        return [run if run and run.state is State.FINISHED else None for run in runs]
    assert isinstance(row, EnsembleRow), row
    members = [run for name in row.members for run in find_runs(table.rows[name], table, fingerprint)]
    whole = [run for run in members if run]
    return [find_ensemble(row, whole) if len(whole) == len(members) else None]


def need_runs(row: Row, table: TableFile, titles: list[str] | None = None) -> list[Run]:
    """The finished runs of a row on the current data set.

    Args:
        row: a row that produces runs.
        table: of the row.
        titles: titles of the required runs; None: all.

    Raises:
        InputError: if one of them is missing; the message has the command that makes it.
    """
    known = list_titles(row)
    fingerprint = find_dataset(row.dataset, table.datasets[row.dataset])
    found = dict(zip(known, find_runs(row, table, fingerprint) if fingerprint else [None] * len(known), strict=True))
    wanted = [found[title] for title in (known if titles is None else titles)]
    whole = [run for run in wanted if run]
    if len(whole) < len(wanted):
        raise InputError(
            f"It needs {count_of(len(wanted), 'run')} of the row {row.name}, but this workspace has {len(whole)}. "
            f"Train the row with `fer results run --again --only {row.name}`."
        )
    return whole


def _trains(run: Run, wanted: TrainConfig) -> bool:
    """Whether the run trains with that config."""
    same = {name: getattr(wanted, name) for name in _FREE}
    return not run.members and run.config.model_copy(update=same) == wanted


def _of_row(row: Row) -> Iterator[Run]:
    """The readable runs made for the row or named after it, newest first."""
    for run in list_runs():
        try:
            config, tag = run.config, run.info.results_row
        except (InputError, FileNotFoundError):
            continue
        if tag == row.name or config.name == row.name or config.name.startswith(f"{row.name} seed "):
            yield run
