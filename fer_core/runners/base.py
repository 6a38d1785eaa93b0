"""What every runner can do, and the marks in a run's folder that all of them leave."""

import math
import time
from collections.abc import Sequence
from typing import Protocol

from fer_core.base.files import read_document, write_json
from fer_core.runs.run import Run

GRACE_S = 20  # from a stop to a kill


class Runner(Protocol):
    """A place where runs train. Whether it is at work on a run, poll.py tells: a hint, for the folder is the truth."""

    def start(self, runs: Sequence[Run]) -> None:
        """Sees to it that runs marked as queued are trained; raises InputError where that cannot be."""

    def cancel(self, run: Run) -> None:
        """Asks a training for its checkpoint and its end, and takes back a run that waits. Does not wait."""

    def kill(self, run: Run) -> None:
        """Ends a training at once. Its last checkpoint stays."""


def mark_queued(run: Run) -> None:
    """Puts the run at the end of the queue, and forgets how it ended before."""
    write_json(run.path / "queued.json", {"time": time.time()})
    forget_end(run)


def forget_end(run: Run) -> None:
    """Forgets how the run ended before, and that it was asked to stop."""
    for name in ("exit.json", "stop.json"):
        (run.path / name).unlink(missing_ok=True)


def queued_at(run: Run) -> float:
    """When the run was queued, seconds since 1970; infinity when it is not."""
    try:
        return float(read_document(run.path / "queued.json", "time")["time"])
    except FileNotFoundError:
        return math.inf


def write_exit(run: Run, state: str, message: str) -> None:
    """Writes exit.json for a run whose trainer can no longer do so, and takes it from the queue."""
    (run.path / "queued.json").unlink(missing_ok=True)
    write_json(run.path / "exit.json", {"state": state, "message": message, "seconds": 0.0})
