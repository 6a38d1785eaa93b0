"""The interface of runners, and the order of a queue."""

import math
from collections.abc import Sequence
from typing import Protocol

from fer_core.jobs.marks import read_mark
from fer_core.runs.run import Run

GRACE_S = 20  # from a stop to a kill
KILLED = "killed because it did not stop in time; resume continues from its last checkpoint"


class Runner(Protocol):
    """A place where runs train. A run's folder shows whether it is being trained."""

    def start(self, runs: Sequence[Run]) -> None:
        """Makes sure that queued runs are trained; raises InputError if that is impossible."""

    def cancel(self, run: Run) -> None:
        """Asks a running run to stop with a checkpoint, and removes a queued run from the queue; does not wait."""

    def kill(self, run: Run) -> None:
        """Kills a run at once. Its last checkpoint is kept."""


def queued_at(run: Run) -> float:
    """When the run was queued, in seconds since 1970; infinity if it is not queued."""
    mark = read_mark(run.path / "queued.json")
    return mark.time if mark else math.inf
