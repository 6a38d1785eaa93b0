"""How a run's trainer is called, whoever starts it: the supervisor, a terminal, or a cluster."""

import subprocess
import sys

from fer_core.runs.run import Run


def train_command(run: Run, lane: int = 0) -> list[str]:
    """The command line that trains the run in a lane of its device; its output belongs into the run's log.txt.

    A run on several devices is started by torchrun. A SIGTERM sent to that is passed on to all ranks, which get 30 s
    to write their checkpoint (its --shutdown-timeout), more than `fer_core.runners.base.GRACE_S`.
    """
    trainer = ["-m", "fer_core.training.process", str(run.path), *([str(lane)] if lane else [])]
    n = run.config.devices
    if n == 1:
        return [sys.executable, *trainer]
    return [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(n), *trainer]


def start_trainer(run: Run, lane: int = 0) -> subprocess.Popen[bytes]:
    """Starts the run's trainer, its output added to the run's log.

    Args:
        run: to be trained.
        lane: trainings in different lanes share a device, those in one wait for each other; queues use lane 0.

    Raises:
        AtWork: when it has a trainer already.
    """
    return run.job.launch(train_command(run, lane))
