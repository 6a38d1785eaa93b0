"""The command line of a run's trainer, for the supervisor, a terminal and a cluster."""

import subprocess
import sys

from fer_core.runs.run import Run


def train_command(run: Run, lane: int = 0) -> list[str]:
    """The command line that trains the run in a lane of its device; its output belongs in the run's log.txt.

    torchrun starts a run on several devices. It forwards SIGTERM to all ranks, which get 30 s
    to write their checkpoint (its --shutdown-timeout), more than `fer_core.runners.base.GRACE_S`.
    """
    trainer = ["-m", "fer_core.training.process", str(run.path), *([str(lane)] if lane else [])]
    n = run.config.devices
    if n == 1:
        return [sys.executable, *trainer]
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n), *trainer]


def start_trainer(run: Run, lane: int = 0) -> subprocess.Popen[bytes]:
    """Starts the run's trainer; its output is appended to the run's log.

    Args:
        run: the run to train.
        lane: runs in different lanes share a device, runs in one lane wait for each other; queues use lane 0.

    Raises:
        AtWork: if it already has a trainer.
    """
    return run.job.launch(train_command(run, lane))
