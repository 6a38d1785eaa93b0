"""The progress of a job: progress.json, written by the job and read by pages."""

import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, FiniteFloat

from fer_core.base.documents import Document
from fer_core.base.files import write_json
from fer_core.base.progress import Progress
from fer_core.jobs.state import State

_EVERY_S = 0.2  # between two writes


@dataclass(frozen=True, kw_only=True)
class JobStatus:
    """The progress of a job.

    Attributes:
        state: the job's state.
        step: the current step.
        done: finished items of this step.
        total: all items of this step.
        eta_s: estimated seconds left for this step; None while unknown.
        message: why it ended; empty while it is running.
    """

    state: State
    step: str
    done: int
    total: int
    eta_s: float | None
    message: str

    @property
    def ended(self) -> str:
        """How it ended, to follow the name of the job: "failed: The disk is full."."""
        if self.state is State.LOST:
            return self.message[:1].lower() + self.message[1:]
        return f"{self.state}: {self.message}"


class Progressed(Document):
    """progress.json.

    Attributes:
        step: the current step.
        done: finished items of this step.
        total: all items of this step.
        step_began: seconds since 1970; None before the first step.
    """

    step: str
    done: int = Field(ge=0)
    total: int = Field(ge=0)
    step_began: FiniteFloat | None


def read_status(state: State, message: str, progress: Progressed | None) -> JobStatus:
    """The progress of a job in that state.

    Args:
        state: of the job.
        message: of its outcome.
        progress: progress.json; None before the first step.
    """
    found = progress or Progressed(step="starting", done=0, total=0, step_began=None)
    began, done, total = found.step_began, found.done, found.total
    eta_s = (time.time() - began) / done * (total - done) if began and done else None
    return JobStatus(state=state, step=found.step, done=done, total=total, eta_s=eta_s, message=message)


def progress_file(folder: Path) -> Progress:
    """A progress callback for the job, which writes progress.json at a limited rate."""
    last_step, step_began, written = "", 0.0, 0.0

    def write(step: str, done: int, total: int) -> None:
        nonlocal last_step, step_began, written
        now = time.time()
        if step != last_step:
            last_step, step_began = step, now
        elif now - written < _EVERY_S:
            return
        written = now
        document = {"step": step, "done": done, "total": total, "step_began": step_began}
        write_json(folder / "progress.json", document)

    return write
