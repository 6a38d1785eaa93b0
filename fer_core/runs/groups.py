"""Cross-validations as groups of runs: each is a folder, `kfold/<group>/`, whose `kfold.json` names the runs."""

from dataclasses import dataclass
from pathlib import Path

from fer_core.base.documents import read_model
from fer_core.base.unreadable import Unreadable, find_problem, list_unreadable
from fer_core.base.workspace import kfold_dir, list_folders, runs_dir
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.info import GroupInfo
from fer_core.runs.run import Run


@dataclass(frozen=True)
class Group:
    """The runs of one cross-validation, read from its folder."""

    path: Path

    @property
    def group_id(self) -> str:
        """The folder's name, which is `kfold` in the `run.json` of its runs."""
        return self.path.name

    @property
    def info(self) -> GroupInfo:
        """`kfold.json`: title, dataset, folds, n (train and val faces), command and run_ids, fold by fold."""
        return read_model(self.path / "kfold.json", GroupInfo)

    @property
    def problem(self) -> InputError | None:
        """Why the group cannot be read, with the file and the next step; None if it can."""
        return find_problem([self.path / "kfold.json"], lambda: self.info)

    @property
    def runs(self) -> list[Run]:
        """Its existing, readable runs, fold by fold."""
        return [run for run in (Run(runs_dir() / run_id) for run_id in self.info.run_ids) if run.problem is None]

    @property
    def n_finished(self) -> int:
        """Number of finished folds."""
        return sum(run.state is State.FINISHED for run in self.runs)

    @property
    def is_finished(self) -> bool:
        """Whether all folds have finished and none has been deleted."""
        return self.n_finished == self.info.folds


def list_groups() -> list[Group]:
    """Every readable cross-validation of the workspace, newest first."""
    return [group for group in _list_folders() if group.problem is None]


def list_unreadable_groups() -> list[Unreadable]:
    """The cross-validations with a damaged kfold.json, newest first."""
    return list_unreadable((group.group_id, group.problem) for group in _list_folders())


def _list_folders() -> list[Group]:
    return [Group(path) for path in reversed(list_folders(kfold_dir(), "kfold.json"))]


def get_group(group_id: str) -> Group:
    """The group with that id, or the only one whose id or title starts with it.

    Raises:
        InputError: if there is none, or more than one.
    """
    groups = list_groups()
    found = [group for group in groups if group.group_id == group_id]
    if not found and group_id:
        found = [g for g in groups if g.group_id.startswith(group_id) or g.info.title.startswith(group_id)]
    if len(found) != 1:
        damaged = [group.problem for group in _list_folders() if group.group_id == group_id and group.problem]
        if damaged:
            raise damaged[0]
        known = ", ".join(group.group_id for group in found or groups) or "none yet"
        raise InputError(
            f"{group_id!r} does not match exactly one cross-validation (available: {known}). Give the full id."
        )
    return found[0]
