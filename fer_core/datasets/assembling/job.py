"""Assembles in a separate process that outlives the page: `-m fer_core.datasets.assembling.job FOLDER`.

A job is a folder, `datasets/.<name>.job` (see `fer_core.jobs.folder`); job.json contains the recipe.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from fer_core.base.progress import Progress
from fer_core.base.workspace import datasets_dir
from fer_core.datasets.assembling.again import assemble_again, assemble_over
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder, run_job
from fer_core.jobs.progress import JobStatus
from fer_core.jobs.watched import AtWork


@dataclass(frozen=True, kw_only=True)
class Assembly(JobStatus):
    """One job, read from its folder.

    Attributes:
        name: of the data set.
    """

    name: str


def start_assembly(recipe: DatasetRecipe) -> None:
    """Starts a job for a recipe.

    Raises:
        InputError: if a job of that name is running, or the disk is full.
    """
    _start(recipe.name, asdict(recipe))


def start_again(name: str) -> None:
    """Starts a job that assembles the data set of that name again (`fer_core.datasets.assembling.again`).

    Raises:
        InputError: as `start_assembly`.
    """
    _start(name, {"again": True})


def list_assemblies() -> list[Assembly]:
    """Running jobs, and ended ones that were not deleted, by name."""
    if not datasets_dir().is_dir():
        return []
    folders = sorted(datasets_dir().glob(".*.job"))
    return [Assembly(**asdict(JobFolder(folder).read_status()), name=_name(folder)) for folder in folders]


def stop_assembly(name: str) -> None:
    """Asks a job to stop; its files are deleted, and an existing data set of that name is unchanged."""
    with suppress(InputError):  # it has ended by now
        JobFolder(_folder(name)).stop()


def forget_assembly(name: str) -> None:
    """Deletes the folder of a job that has ended."""
    with suppress(InputError):  # it was started again meanwhile
        JobFolder(_folder(name)).forget()


def _folder(name: str) -> Path:
    return datasets_dir() / f".{name}.job"


def _name(folder: Path) -> str:
    return folder.name[1 : -len(".job")]


def _start(name: str, job: dict[str, object]) -> None:
    try:
        JobFolder(_folder(name)).start("fer_core.datasets.assembling.job", job)
    except AtWork as error:
        raise InputError(
            f"The data set {name!r} is already being assembled. Wait until it finishes, or stop it."
        ) from error


def main(folder: Path) -> None:
    """Does the job in `folder`."""

    def work(job: Mapping[str, object], progress: Progress) -> None:
        if job.get("again"):
            assemble_again(_name(folder), progress)
        else:
            assemble_over(read_recipe(job), progress)

    run_job(folder, work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
