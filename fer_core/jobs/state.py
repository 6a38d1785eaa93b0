"""The states that work in a folder may be in, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from fer_core.errors import InputError


class State(StrEnum):
    """What work in a folder is doing; the last three are written in exit.json, the others follow from the folder."""

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
        """Whether it can be started once more, to continue where it was."""
        return self in (State.LOST, State.STOPPED, State.FAILED)

    @property
    def text(self) -> str:
        """The state as a sentence, for work that has left none of its own."""
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
    """`exit.json`: how work ended.

    Attributes:
        state: stopped, failed or finished.
        message: a sentence for a person, maybe empty.
        seconds: how long its process was at work; None in folders of version 0.1 that did not say.
    """

    state: State
    message: str
    seconds: float | None

    @classmethod
    def read(cls, document: Any, path: Path) -> Self:
        """The ending in a JSON document.

        Raises:
            InputError: when it is none, naming the file.
        """
        try:
            state, seconds = State(document["state"]), document.get("seconds")
            if not state.is_active and state is not State.LOST:
                return cls(
                    state=state,
                    message=str(document.get("message", "")),
                    seconds=seconds if isinstance(seconds, int | float) else None,
                )
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        raise InputError(
            f"{path} does not say how the work ended: expected stopped, failed or finished as its state. "
            "Delete the file, or restore it from a copy."
        )

    def document(self) -> dict[str, str | float]:
        """What exit.json holds."""
        document: dict[str, str | float] = {"state": self.state.value, "message": self.message}
        return document if self.seconds is None else {**document, "seconds": self.seconds}
