"""Runs in a terminal: train in the foreground, or stop a run and wait for its end."""

import signal
import subprocess
import sys
import time

from fer_core.runners.base import GRACE_S
from fer_core.runners.launch import start_trainer
from fer_core.runners.submit import cancel, kill
from fer_core.runs.run import Run


def train_in_foreground(run: Run) -> int:
    """Trains the run as a child of this process, showing its log; returns an exit code.

    Ctrl-C asks it to stop with a checkpoint, a second one kills it.
    """
    child = start_trainer(run)
    watch(run, child)
    return child.returncode


def watch(run: Run, child: subprocess.Popen[bytes], quiet: bool = False) -> bool:
    """Waits for the run's trainer to end, showing its log; returns whether it was interrupted.

    Args:
        run: the run to watch.
        child: its trainer, from `start_trainer`. Ctrl-C asks it to stop with a checkpoint, a second one kills it.
        quiet: shows nothing.
    """
    log = run.path / "log.txt"
    shown, interrupted = 0, False
    while True:
        try:
            ended = _wait(child)
        except KeyboardInterrupt:
            interrupted = True
            _interrupt(run, child)
            continue
        if not quiet:
            text = log.read_text(encoding="utf-8", errors="replace")
            print(text[shown:], end="", flush=True)
            shown = len(text)
        if ended:
            return interrupted


def _interrupt(run: Run, child: subprocess.Popen[bytes]) -> None:
    """Asks the run to stop; kills it if it was asked before."""
    if run.job.is_asked_to_stop:
        kill(run)
    elif run.state.is_active:
        print(cancel(run), file=sys.stderr, flush=True)
    else:
        child.send_signal(signal.SIGTERM)


def stop_and_wait(run: Run) -> str:
    """Stops the run and returns a sentence once it has ended; kills it after the grace period."""
    sentence = cancel(run)
    if run.exit is not None:
        return sentence
    ends = time.monotonic() + GRACE_S
    while _is_at_work(run) and time.monotonic() < ends:
        time.sleep(0.1)  # a node of a cluster sends no event that could be waited for
    if _is_at_work(run):
        kill(run)
    return f"{run.run_id}: {run.job.message}"


def _is_at_work(run: Run) -> bool:
    """True until the run has ended and, if visible from here, its process is gone."""
    return run.state.is_active or run.job.is_held


def _wait(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return False
    return True
