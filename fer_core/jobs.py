"""Starting, stopping and resuming runs on this machine: a queue a device, and no server.

A queued run is a folder with `queued.json`. A small supervisor a device starts the oldest, waits for its
end, and leaves when the queue is empty. Both outlive the page, the browser, the server and Ctrl-C.
"""

import math
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil

from fer_core.config import TrainConfig
from fer_core.errors import InputError
from fer_core.files import read_json, write_json
from fer_core.locks import is_locked
from fer_core.processes import find_family, find_process, leave_detached
from fer_core.runs import Run, create_run, list_runs

GRACE_S = 20  # from a stop to a kill


def submit(config: TrainConfig, command: str) -> Run:
    """Makes a run and puts it at the end of its device's queue."""
    run = create_run(config, command)
    enqueue(run)
    return run


def enqueue(run: Run) -> None:
    """Marks the run as queued and sees to it that a supervisor is at work."""
    write_json(run.path / "queued.json", {"time": time.time()})
    for name in ("exit.json", "stop.json"):
        (run.path / name).unlink(missing_ok=True)
    start_supervisor(run.device, run.path.parent)


def resume(run: Run) -> None:
    """Queues a run that has stopped, failed or been lost, to go on from its last checkpoint.

    Raises:
        InputError: when it is at work, waiting or finished.
    """
    state = run.state
    if state not in ("stopped", "failed", "lost"):
        raise InputError(f"{run.run_id} is {state}: there is nothing to resume. Duplicate it to train again.")
    enqueue(run)


def cancel(run: Run, why: str = "") -> str:
    """Asks the run to stop, and returns at once with a sentence; poll `run.state` for its end.

    A queued run leaves the queue. A running one writes a checkpoint and ends; after GRACE_S seconds its
    process tree is killed.

    Args:
        run: a queued or running one.
        why: the beginning of its last message, such as "pruned by ..."; stays readable as `run.why_stopped`.

    Raises:
        InputError: when it is neither queued nor running.
    """
    state = run.state
    if state not in ("queued", "running"):
        raise InputError(f"{run.run_id} is {state}: there is nothing to stop.")
    write_json(run.path / "stop.json", {"time": time.time(), "why": why})
    if state == "queued":
        (run.path / "queued.json").unlink(missing_ok=True)
        write_exit(run, "stopped", why or "taken out of the queue before it began")
        return f"{run.run_id} was taken out of the queue."
    process = find_process(run.path / "process.json")
    if process:
        process.send_signal(signal.SIGTERM)
    return f"{run.run_id} is stopping; it writes a checkpoint first."


def kill(run: Run) -> None:
    """Ends the run's processes and all that they started, at once. Its last checkpoint stays."""
    family = find_family(run.path / "process.json")
    if not family:
        return
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(family, timeout=10)
    if run.exit is None:
        write_exit(run, "stopped", "killed, since it did not stop in time; resume goes on from its last checkpoint")


def list_queue(device: str | None = None) -> list[Run]:
    """The runs that wait, the first to start first."""
    waiting = [run for run in list_runs() if run.state == "queued" and device in (None, run.device)]
    return sorted(waiting, key=queued_at)


def queued_at(run: Run) -> float:
    """When the run was queued, seconds since 1970; infinity when it is not."""
    try:
        return float(read_json(run.path / "queued.json")["time"])
    except FileNotFoundError:
        return math.inf


def reconcile() -> None:
    """Starts a supervisor for every device whose queue waits without one; called when the dashboard starts."""
    for device, folder in {(run.device, run.path.parent) for run in list_queue()}:
        start_supervisor(device, folder)


def start_supervisor(device: str, runs_folder: Path) -> None:
    """Starts the device's supervisor unless one is alive."""
    if not is_locked(supervisor_lock(device, runs_folder)):
        leave_detached([sys.executable, "-m", "fer_core.supervisor", str(runs_folder), device], os.devnull)


def supervisor_lock(device: str, runs_folder: Path) -> Path:
    """The lock that a device's supervisor holds."""
    return runs_folder / f".supervisor-{device.replace(':', '-')}.lock"


def write_exit(run: Run, state: str, message: str) -> None:
    """Writes exit.json for a run whose trainer can no longer do so."""
    write_json(run.path / "exit.json", {"state": state, "message": message, "seconds": 0.0})
