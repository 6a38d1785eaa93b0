"""Measures source leakage in its own process, `python -m fer_core.studies.source_leak.job FOLDER`.

A job is a folder, `datasets/<name>/.leak` (see `fer_core.jobs.folder`); it is in the data set's own folder, so it
is deleted when the data set is deleted or assembled again.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from fer_core.base.progress import Progress
from fer_core.base.workspace import datasets_dir
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder, run_job
from fer_core.jobs.progress import JobStatus
from fer_core.jobs.watched import AtWork
from fer_core.studies.source_leak.measure import measure_leak


def start_leak(name: str) -> None:
    """Starts measuring the source leakage of the data set in the background.

    Raises:
        InputError: if the data set does not exist or is already being measured, or the disk is full.
    """
    open_dataset(name)  # else its folder would be made
    try:
        JobFolder(_folder(name)).start("fer_core.studies.source_leak.job", {"name": name})
    except AtWork as error:
        raise InputError(
            f"The source leakage of {name!r} is already being measured. Wait until it finishes, or stop it."
        ) from error


def read_leak_job(name: str) -> JobStatus | None:
    """The job of the data set of that name; None if there is none."""
    return JobFolder(_folder(name)).read_status() if _folder(name).is_dir() else None


def stop_leak(name: str) -> None:
    """Asks the job to stop; an earlier result is kept."""
    with suppress(InputError):  # it has ended by now
        JobFolder(_folder(name)).stop()


def _folder(name: str) -> Path:
    return datasets_dir() / name / ".leak"


def _work(job: Mapping[str, Any], progress: Progress) -> None:
    from fer_core.studies.source_leak.net import tell_source  # torch: the pages have no need of it

    measure_leak(open_dataset(job["name"]), tell_source, progress=progress)


def main(folder: Path) -> None:
    """Runs the job in `folder`."""
    run_job(folder, _work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
