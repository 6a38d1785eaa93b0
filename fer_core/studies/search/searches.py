"""A search is a folder, `searches/<name>/`, with its settings in search.json and Optuna's trials in trials.journal.

The coordinator, a separate process, holds alive.lock and writes exit.json at the end, like a run's trainer.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, cast

from fer_core.base.files import UnreadableError, read_document
from fer_core.base.unreadable import Unreadable, find_problem, list_unreadable
from fer_core.base.workspace import check_name, list_folders, searches_dir
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.state import Ending, State
from fer_core.jobs.watched import AtWork
from fer_core.runners import submit
from fer_core.runs.config import Settings, TrainConfig, build_config
from fer_core.runs.find import list_runs
from fer_core.studies.search.ranges import Range, parse_ranges
from fer_core.studies.search.study import has_optuna, read_trials, require_optuna

STOPPED = "stopped with its search"  # as Run.why_stopped: such a run goes on when the search does


class SearchDocument(TypedDict, total=False):
    """`search.json`; `ranges` are texts for `parse_ranges`, `slurm` the options of its trials' jobs, if any."""

    created: str
    command: str
    base: Settings
    dataset_fingerprint: str
    ranges: list[str]
    n_trials: int
    seed: int
    parallel: int
    slurm: dict[str, Any] | None


@dataclass(frozen=True)
class Search:
    """One search, read from its folder."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def job(self) -> JobFolder:
        """The coordinator's job folder."""
        return JobFolder(self.path)

    @property
    def journal(self) -> Path:
        """Optuna's record of the trials."""
        return self.path / "trials.journal"

    @property
    def info(self) -> SearchDocument:
        """`search.json`: created, command, base (config values), ranges, n_trials, seed, parallel, slurm.

        Also dataset_fingerprint, which searches of earlier versions lack.
        """
        path = self.path / "search.json"
        info = read_document(path, "created", "command", "base", "ranges", "n_trials", "seed", "parallel")
        if not isinstance(info["base"], dict) or "dataset" not in info["base"]:
            raise UnreadableError(path, "its base config has no data set")
        kinds = {"created": str, "command": str, "n_trials": int, "seed": int, "parallel": int}
        wrong = [name for name, kind in kinds.items() if type(info[name]) is not kind]
        if wrong:
            raise UnreadableError(path, f"its {wrong[0]} is not a {'text' if kinds[wrong[0]] is str else 'number'}")
        return cast(SearchDocument, info)

    @property
    def problem(self) -> InputError | None:
        """Why the search cannot be read, with the file and the next step; None if it can."""
        names = ("search.json", "exit.json", "launched.json")
        return find_problem([self.path / name for name in names], self._read_all)

    def _read_all(self) -> None:
        self.ranges, self.state  # noqa: B018

    @property
    def journal_problem(self) -> InputError | None:
        """Why its trials, which only Optuna reads, cannot be read; None if they can."""
        return find_problem([self.journal], lambda: read_trials(self.journal)) if has_optuna() else None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of the varied fields."""
        return parse_ranges(self.info["ranges"])

    @property
    def exit(self) -> Ending | None:
        """How it ended; None while it has not."""
        return self.job.ending

    @property
    def state(self) -> State:
        """The state of its coordinator."""
        return self.job.state

    def config(self, number: int, values: Settings) -> TrainConfig:
        """The config of the trial of that number: the base with the trial's values."""
        return build_config({**self.info["base"], **values, "name": f"{self.name} {number}"})

    def refuse_other_data(self) -> None:
        """Checks that the data set is still the one that the search started with, so that trials are comparable.

        Raises:
            InputError: if the data set has changed.
        """
        info = self.info
        dataset, began = open_dataset(info["base"]["dataset"]), info.get("dataset_fingerprint")
        now = dataset.info.fingerprint
        if began not in (None, now):  # searches of earlier versions do not say
            raise InputError(
                f"The search {self.name} started on the data set {dataset.name} with the fingerprint {began[:16]}"
                f"; it was assembled again and now has {now[:16]}. Start a new search on it, or assemble the "
                "earlier version again to continue this one."
            )


def list_searches() -> list[Search]:
    """Every readable search of the workspace, newest first."""
    searches = [search for search in _list_folders() if search.problem is None]
    return sorted(searches, key=lambda search: (search.info["created"], search.name), reverse=True)


def list_unreadable_searches() -> list[Unreadable]:
    """The searches with a damaged file, by name."""
    return list_unreadable((search.name, search.problem or search.journal_problem) for search in _list_folders())


def _list_folders() -> list[Search]:
    return [Search(path) for path in list_folders(searches_dir(), "search.json")]


def get_search(name: str) -> Search:
    """The search of that name.

    Raises:
        InputError: when there is none.
    """
    search = Search(searches_dir() / check_name(name, "search"))
    if not os.path.lexists(search.path / "search.json"):
        raise InputError(f"There is no search {name!r}. See fer search list.")
    if search.problem:
        raise search.problem
    return search


def launch(search: Search) -> None:
    """Starts the coordinator of a search, or restarts it.

    Raises:
        AtWork: if it has one.
    """
    search.job.start("fer_core.studies.search.coordinator")


def stop_search(search: Search) -> None:
    """Asks a search and its runs to stop, each run with a checkpoint; returns at once.

    Raises:
        InputError: if it is not running.
    """
    state = search.state
    if not state.is_active:
        raise InputError(f"The search {search.name} is {state}, so it cannot be stopped.")
    if search.job.stop():  # it had no coordinator yet that would stop them
        ours = [run for run in list_runs() if run.info.search == search.name and run.state.is_active]
        for run in ours:
            with suppress(InputError):  # it has ended by now
                submit.cancel(run, STOPPED)


def resume_search(search: Search) -> None:
    """Resumes a stopped, lost or failed search; its runs continue from their last checkpoints.

    Raises:
        InputError: if it is running or finished, its data set has changed, or Optuna is not installed.
    """
    require_optuna()
    state = search.state
    if not state.is_resumable:
        way = "Wait until it finishes." if state.is_active else "Start a new search."
        raise InputError(f"The search {search.name} is {state} and cannot be resumed. {way}")
    search.refuse_other_data()
    launch(search)


def delete_search(search: Search) -> None:
    """Deletes the search's folder. Its runs are kept.

    Raises:
        InputError: while it is running.
    """
    if search.state.is_active:
        raise InputError(f"The search {search.name} is running. Stop it first, then delete it.")
    search.job.forget()


def reconcile_searches() -> None:
    """Restarts the coordinator of every search that lost it; called when the dashboard starts."""
    for search in list_searches():
        if search.state is State.LOST:
            with suppress(AtWork):  # another dashboard has started it
                launch(search)
