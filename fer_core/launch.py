"""How a run's trainer is called, whoever starts it: the supervisor, a terminal, or a cluster."""

import subprocess
import sys

from fer_core.processes import start_detached
from fer_core.runs import Run


def train_command(run: Run) -> list[str]:
    """The command line that trains the run; its output belongs into the run's log.txt."""
    return [sys.executable, "-m", "fer_core.train", str(run.path)]


def start_trainer(run: Run) -> subprocess.Popen[bytes]:
    """Starts the run's trainer, its output added to the run's log."""
    return start_detached(train_command(run), run.path / "log.txt")
