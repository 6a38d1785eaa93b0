"""Runs on this machine: one queue per device, without a server.

A small supervisor per device starts the oldest queued run, waits for its end, and exits when the
queue is empty. Supervisor and runs outlive the page, the browser, the server and Ctrl-C.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from fer_core.jobs.processes import is_locked, leave_detached
from fer_core.jobs.state import State
from fer_core.runners.base import KILLED, queued_at
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run


def start(runs: Sequence[Run]) -> None:
    """Makes sure that the runs' devices have a running supervisor."""
    for device, folder in {(run.device, run.path.parent) for run in runs}:
        start_supervisor(device, folder)


def cancel(run: Run) -> None:
    """Sends SIGTERM to the run's trainer; a queued run may have none."""
    run.job.interrupt()


def kill(run: Run) -> None:
    """Kills the run's processes and all their children at once. Its last checkpoint is kept."""
    run.job.kill(KILLED)


def list_queue(device: str | None = None) -> list[Run]:
    """The queued runs of this machine in starting order."""
    waiting = [
        run for run in list_runs() if not run.slurm and run.state is State.QUEUED and device in (None, run.device)
    ]
    return sorted(waiting, key=queued_at)


def reconcile() -> None:
    """Starts a supervisor for every device with queued runs but no supervisor; called when the dashboard starts."""
    start(list_queue())


def start_supervisor(device: str, runs_folder: Path) -> None:
    """Starts the device's supervisor unless one is alive."""
    if not is_locked(supervisor_lock(device, runs_folder)):
        leave_detached([sys.executable, "-m", "fer_core.runners.supervisor", str(runs_folder), device], os.devnull)


def supervisor_lock(device: str, runs_folder: Path) -> Path:
    """The lock that a device's supervisor holds."""
    return runs_folder / f".supervisor-{device.replace(':', '-')}.lock"
