"""The states and outcomes of a job."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from fer_core.base.files import as_number
from fer_core.errors import InputError


class State(StrEnum):
    """The state of a job; the last three are stored in exit.json, the others follow from the folder."""

    QUEUED = "queued"  # waits for its turn or its device
    RUNNING = "running"  # its process is at work, or about to be
    LOST = "lost"  # its process is gone and has not said why
    STOPPED = "stopped"  # a person, or what steers it, asked for that
    FAILED = "failed"
    FINISHED = "finished"

    @classmethod
    def _missing_(cls, value: object) -> "State | None":
        return cls.FINISHED if value == "done" else None  # the word of jobs made by version 0.1

    @property
    def is_active(self) -> bool:
        """Whether it can be stopped."""
        return self in (State.QUEUED, State.RUNNING)

    @property
    def is_resumable(self) -> bool:
        """Whether it can be resumed."""
        return self in (State.LOST, State.STOPPED, State.FAILED)

    @property
    def text(self) -> str:
        """The state as a sentence, for jobs without their own message."""
        return _TEXTS[self]


_TEXTS = {
    State.QUEUED: "Waiting for its turn.",
    State.RUNNING: "Running.",
    State.LOST: "Stopped unexpectedly (power loss, or the process was killed).",
    State.STOPPED: "Stopped.",
    State.FAILED: "Failed; its log has the details.",
    State.FINISHED: "Finished.",
}


@dataclass(frozen=True, kw_only=True)
class Ending:
    """`exit.json`: the outcome of a job.

    Attributes:
        state: stopped, failed or finished.
        message: shown to users; may be empty.
        seconds: how long its process worked; None in folders of version 0.1, which did not record it.
    """

    state: State
    message: str
    seconds: float | None

    @classmethod
    def read(cls, document: Any, path: Path) -> Self:
        """Reads the outcome from a JSON document.

        Raises:
            InputError: if it is invalid; the message names the file.
        """
        try:
            state, seconds = State(document["state"]), document.get("seconds")
            if not state.is_active and state is not State.LOST:
                return cls(
                    state=state,
                    message=str(document.get("message", "")),
                    seconds=as_number(seconds),
                )
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        raise InputError(
            f"{path} does not say how the work ended: expected stopped, failed or finished as its state. "
            "Delete the file, or restore it from a copy."
        )

    def document(self) -> dict[str, str | float]:
        """The contents of exit.json."""
        document: dict[str, str | float] = {"state": self.state.value, "message": self.message}
        return document if self.seconds is None else {**document, "seconds": self.seconds}
