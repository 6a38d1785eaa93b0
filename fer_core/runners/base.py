"""What every runner can do, and the order of a queue."""

import math
from collections.abc import Sequence
from typing import Protocol

from fer_core.base.files import read_document
from fer_core.runs.run import Run

GRACE_S = 20  # from a stop to a kill
KILLED = "killed because it did not stop in time; resume continues from its last checkpoint"


class Runner(Protocol):
    """A place where runs train. Whether it is at work on a run, its folder says."""

    def start(self, runs: Sequence[Run]) -> None:
        """Sees to it that runs marked as queued are trained; raises InputError where that cannot be."""

    def cancel(self, run: Run) -> None:
        """Asks a training for its checkpoint and its end, and takes back a run that waits. Does not wait."""

    def kill(self, run: Run) -> None:
        """Ends a training at once. Its last checkpoint stays."""


def queued_at(run: Run) -> float:
    """When the run was queued, seconds since 1970; infinity when it is not."""
    try:
        return float(read_document(run.path / "queued.json", "time")["time"])
    except FileNotFoundError:
        return math.inf
