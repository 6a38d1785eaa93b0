"""The Slurm job on its node: starts the run's trainer, watches it, and forwards the cluster's signals.

SIGTERM (`fer stop`, scancel, the start of a preemption) ends the training with a checkpoint: the run is `stopped`.
SIGUSR2, which Slurm sends before the time limit (and before a preemption where the site has set it so), ends it
with a checkpoint too, and then the job requeues itself and continues from there, unless the time
was too short for a single step. submitit's own requeuing is not used: it would requeue inside the signal
handler. A job that Slurm itself requeues (a lost node, a preemption) also continues from the last checkpoint.
"""

import os
import signal
import subprocess
from pathlib import Path
from types import FrameType

from fer_core.jobs.state import State
from fer_core.runners.launch import start_trainer
from fer_core.runners.supervisor import watch
from fer_core.runs.run import Run


def train_on_node(path: str) -> None:
    """Trains the run of that folder until it ends, is stopped, or reaches the job's time limit."""
    run = Run(Path(path))
    os.environ["FER_HOME"] = str(run.path.parents[1])  # a site may pass no environment on to its jobs
    step = _last_step(run)
    received = set()
    # The trainer is started with SIGUSR2 blocked: Slurm may send it to all of a job's processes, and it would kill.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    child = start_trainer(run)

    def stop(number: int, frame: FrameType | None) -> None:
        received.add(number)
        child.terminate()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGUSR2, stop)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})
    watch(run, child)
    ended = run.exit
    if received == {signal.SIGUSR2} and ended and ended.state is State.STOPPED and _last_step(run) > step:
        _requeue(run)


def _requeue(run: Run) -> None:
    run.job.queue()
    answer = subprocess.run(["scontrol", "requeue", os.environ["SLURM_JOB_ID"]], capture_output=True, text=True)
    if answer.returncode:
        reason = answer.stderr.strip()
        run.job.end(
            State.STOPPED, f"the job reached its time limit ({reason}); resume continues from its last checkpoint"
        )


def _last_step(run: Run) -> int:
    lines = run.metrics()
    return lines[-1].step if lines else 0
