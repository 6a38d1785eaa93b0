"""Measuring the leak of source identity in a process of its own, `python -m fer_core.studies.source_leak.job FOLDER`.

A job is a folder, `datasets/<name>/.leak`, as `fer_core.jobs.folder` has it; it lies in the data set's own folder, and
so goes when that is deleted or assembled anew.
"""

import sys
from pathlib import Path
from typing import Any

from fer_core.base.workspace import datasets_dir
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.jobs.folder import JobState, Progress, read_job, run_job, start_job, stop_job
from fer_core.studies.source_leak.measure import measure_leak


def start_leak(name: str) -> None:
    """Starts measuring the data set of that name in the background.

    Raises:
        InputError: when there is none, it is being measured already, or the disk is full.
    """
    open_dataset(name)  # else its folder would be made
    state = read_leak_job(name)
    if state and state.state == "running":
        raise InputError(f"The data set {name!r} is being measured already. Wait for it, or stop it.")
    start_job(_folder(name), "fer_core.studies.source_leak.job", {"name": name})


def read_leak_job(name: str) -> JobState | None:
    """The job of the data set of that name; None where there is none."""
    return read_job(_folder(name)) if _folder(name).is_dir() else None


def stop_leak(name: str) -> None:
    """Asks it to stop; an earlier result stays."""
    stop_job(_folder(name))


def _folder(name: str) -> Path:
    return datasets_dir() / name / ".leak"


def _work(job: dict[str, Any], progress: Progress) -> None:
    from fer_core.studies.source_leak.net import tell_source  # torch: the pages have no need of it

    measure_leak(open_dataset(job["name"]), tell_source, progress=progress)


def main(folder: Path) -> None:
    """Does the job in `folder`."""
    run_job(folder, _work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
