"""`queued.json` and `stop.json`: when a job was queued, and when and why it was asked to stop."""

from pathlib import Path

from pydantic import FiniteFloat

from fer_core.base.documents import Document, read_model


class Mark(Document):
    """When something was asked of a job.

    Attributes:
        time: seconds since 1970.
        why: the reason; empty if none was given.
    """

    time: FiniteFloat
    why: str = ""


def read_mark(path: Path) -> Mark | None:
    """The mark in that file, or None if there is none.

    Raises:
        UnreadableError: if it is damaged.
    """
    try:
        return read_model(path, Mark)
    except FileNotFoundError:
        return None
