"""How long-running work reports its progress."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the current step, the number done, and the total."""


def no_progress(step: str, done: int, total: int) -> None:
    """Ignores progress."""
