"""`python -m fer_core.runners.supervisor RUNS_DIR DEVICE`: trains the queued runs of one device, one after another."""

import math
import signal
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core.jobs.marks import read_mark
from fer_core.jobs.state import State
from fer_core.jobs.watched import AtWork
from fer_core.runners.base import GRACE_S, queued_at
from fer_core.runners.launch import start_trainer
from fer_core.runners.local import kill, list_queue, supervisor_lock
from fer_core.runs.run import Run


def supervise(runs_folder: Path, device: str) -> None:
    """Trains all queued runs. A run queued during the exit is found by the check after the lock is released."""
    lock = FileLock(supervisor_lock(device, runs_folder))
    while list_queue(device):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return
        try:
            while queue := list_queue(device):
                _train(queue[0])
        finally:
            lock.release()


def _train(run: Run) -> None:
    try:
        child = start_trainer(run)
    except AtWork:  # a trainer of a supervisor that was killed, or someone's in a terminal
        run.job.wait(timeout_s=1)
        return
    watch(run, child)


def watch(run: Run, child: subprocess.Popen[bytes]) -> None:
    """Waits for the trainer's end; kills it after the grace period, and writes exit.json if it could not."""
    mark = queued_at(run)
    while True:
        try:
            child.wait(timeout=1)
            break
        except subprocess.TimeoutExpired:
            if grace_is_over(run):
                kill(run)
    if queued_at(run) not in (mark, math.inf):
        return  # it ended and was queued again before its process was gone
    if run.job.is_asked_to_stop:
        run.job.end_if_dead(State.STOPPED, "stopped before its first checkpoint, or killed; resume starts it again")
    else:
        how = _say_how(child.returncode)
        run.job.end_if_dead(State.FAILED, f"{how} Resume continues from its last checkpoint.")


def grace_is_over(run: Run) -> bool:
    """Whether the run was asked to stop and its grace period is over."""
    asked = read_mark(run.path / "stop.json")
    return asked is not None and time.time() - asked.time > GRACE_S


def _say_how(code: int) -> str:
    if code == -signal.SIGKILL:
        return "The training process was killed, possibly because memory ran out."
    if code < 0:
        return f"The training process was ended by {signal.Signals(-code).name}."
    return f"The training process ended with exit code {code} without giving a reason; see its log."


if __name__ == "__main__":
    supervise(Path(sys.argv[1]), sys.argv[2])
