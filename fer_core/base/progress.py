"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, of how many."""


def no_progress(step: str, done: int, total: int) -> None:
    """Where no one watches."""
