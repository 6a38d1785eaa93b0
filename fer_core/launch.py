"""How a run's trainer is called, whoever starts it: the supervisor, a terminal, or a cluster."""

import sys

from fer_core.runs import Run


def train_command(run: Run) -> list[str]:
    """The command line that trains the run; its output belongs into the run's log.txt."""
    return [sys.executable, "-m", "fer_core.train", str(run.path)]
