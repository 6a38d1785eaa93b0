"""Lists and finds runs."""

import os
import re
import shutil
import time
from datetime import datetime
from pathlib import Path

from fer_core.base.text import printable
from fer_core.base.unreadable import Unreadable, list_unreadable
from fer_core.base.workspace import list_folders, runs_dir
from fer_core.errors import InputError
from fer_core.runs.run import BUNDLED, BUNDLED_ID, Run, is_run

_WHOLE_ID = re.compile(r"\d{8}-\d{6}-.")  # what new_folder makes begins so, and no title is likely to
_MAKING_S = 10  # in which a new run's folder gets its second file


def list_runs() -> list[Run]:
    """Every readable run of the workspace, newest first.

    Example:
        >>> [run.title for run in fer.list_runs()]
        ['first']
    """
    return [run for run in _list_folders() if run.problem is None]


def list_unreadable_runs() -> list[Unreadable]:
    """The runs with a damaged or missing file, newest first."""
    return list_unreadable((run.run_id, run.problem) for run in _list_folders() if not _is_in_the_making(run.path))


def _list_folders() -> list[Run]:
    return [Run(path) for path in reversed(list_folders(runs_dir(), "run.json", "config.json"))]


def _is_in_the_making(path: Path) -> bool:
    """Whether the run is being created: its config was just written, and the next file does not exist yet."""
    try:
        made = (path / "config.json").stat().st_mtime
        return not os.path.lexists(path / "run.json") and time.time() - made < _MAKING_S
    except OSError:
        return False


def get_run(run_id: str) -> Run:
    """The run with that id or name, or the only one whose id starts with it; "bundled" is the bundled network.

    Raises:
        InputError: if there is no such run, or more than one.

    Example:
        >>> fer.open_run("bundled").is_bundled
        True
        >>> fer.open_run("first").title
        'first'
    """
    if run_id == BUNDLED_ID:
        return Run(BUNDLED)
    try:
        return _find_run(run_id, list_runs())
    except InputError as error:
        problem = next((run.problem for run in _list_folders() if run.run_id == run_id), None)
        raise problem or error from None


def get_run_to_delete(run_id: str) -> Run:
    """Like get_run, but also finds an unreadable run by its full id."""
    damaged = [run for run in _list_folders() if run_id in (run.run_id, printable(run.run_id)) and run.problem]
    return damaged[0] if damaged else get_run(run_id)


def _find_run(run_id: str, runs: list[Run]) -> Run:
    for run in runs:
        if run.run_id == run_id:
            return run
    named = [run for run in runs if run.title == run_id] or [run for run in runs if run.run_id.startswith(run_id)]
    if len(named) == 1 and run_id:
        return named[0]
    if not named or not run_id:
        raise InputError(f"There is no run {run_id!r}. See fer runs list.")
    raise InputError(
        f"{run_id!r} matches several runs: {', '.join(run.run_id for run in named)}. Give the full run id."
    )


def get_ancestor(run: Run, run_id: str) -> Run:
    """The parent run that the config of `run` names by its full id.

    Earlier versions stored the name as typed, possibly a title that another run has received since: for such
    names, only a run created before `run` is returned.

    Raises:
        InputError: if it has been deleted, or the name is ambiguous.
    """
    if run.info.comes_from is not None or run_id == BUNDLED_ID or _WHOLE_ID.match(run_id):
        return get_exactly(run_id)
    earlier = [each for each in list_runs() if each.path != run.path and _was_made_before(each, run)]
    return _find_run(run_id, earlier)


def get_exactly(run_id: str) -> Run:
    """The run with exactly that id.

    Raises:
        InputError: if there is none.
    """
    run = Run(BUNDLED if run_id == BUNDLED_ID else runs_dir() / run_id)
    if not is_run(run.path):
        raise InputError(f"The run {run_id!r} has been deleted. See fer runs list.")
    if run.problem:
        raise run.problem
    return run


def _was_made_before(run: Run, other: Run) -> bool:
    """Also True for the same second; False if either date is unknown."""
    try:
        made, after = (datetime.strptime(each.info.created, "%Y-%m-%dT%H:%M:%S%z") for each in (run, other))
    except ValueError:
        return False
    return made <= after


def delete_run(run: Run) -> None:
    """Deletes the run's folder.

    Raises:
        InputError: if it is running or queued, and for the bundled network.
    """
    if run.is_bundled:
        raise InputError("The bundled network is part of FER Studio and cannot be deleted. Delete a run of your own.")
    if run.problem is not None and not run.job.is_held:  # nothing can be read of it but that no process has it
        shutil.rmtree(run.path)
        return
    run.job.forget()
