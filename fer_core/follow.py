"""A run watched from a terminal: train in the foreground, or stop and wait for the end."""

import signal
import subprocess
import sys

from filelock import FileLock, Timeout

from fer_core.jobs import GRACE_S, cancel, kill
from fer_core.launch import train_command
from fer_core.processes import start_detached
from fer_core.runs import Run


def train_in_foreground(run: Run) -> int:
    """Trains the run as a child of this process, showing its log; returns an exit code.

    Ctrl-C asks it to stop with a checkpoint, a second one kills it.
    """
    log = run.path / "log.txt"
    child = start_detached(train_command(run), log)
    shown = 0
    while True:
        try:
            ended = _wait(child)
        except KeyboardInterrupt:
            if (run.path / "stop.json").exists():
                kill(run)
            elif run.state == "running":
                print(cancel(run), file=sys.stderr, flush=True)
            else:
                child.send_signal(signal.SIGTERM)
            continue
        text = log.read_text(encoding="utf-8", errors="replace")
        print(text[shown:], end="", flush=True)
        shown = len(text)
        if ended:
            return child.returncode


def stop_and_wait(run: Run) -> str:
    """Stops the run and returns a sentence once it has ended; kills it when its time of grace is over."""
    sentence = cancel(run)
    if run.exit is not None:
        return sentence
    alive = FileLock(run.path / "alive.lock")
    try:
        alive.acquire(timeout=GRACE_S)
        alive.release()
    except Timeout:
        kill(run)
    ended = run.exit
    return f"{run.run_id}: {ended['message']}" if ended else f"{run.run_id} has ended without a word; see its log."


def _wait(child: subprocess.Popen[bytes]) -> bool:
    try:
        child.wait(timeout=0.5)
    except subprocess.TimeoutExpired:
        return False
    return True
