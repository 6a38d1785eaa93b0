"""Waiting for what other processes write: no test sleeps for a time that it has guessed."""

import threading
import time
from collections.abc import Callable

from fer_core.runs.run import Run


def wait(condition: Callable[[], bool], run: Run, timeout_s: float = 60) -> None:
    """Waits until the condition holds, looking whenever the run's process may have moved on."""
    ends = time.monotonic() + timeout_s
    tick = threading.Event()
    while not condition():
        assert time.monotonic() < ends, f"waited {timeout_s} s; {run.state} {run.exit}\n{run.log_tail()}"
        tick.wait(0.05)
