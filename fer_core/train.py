"""The trainer, always a process of its own: `python -m fer_core.train RUN_DIR`.

It reads the run's config, trains, writes everything into the run's folder, and leaves within seconds
of a SIGTERM with a checkpoint from which a resume goes on as if nothing had happened.
"""

import signal
import sys
import time
import traceback
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core.errors import InputError
from fer_core.files import write_json
from fer_core.processes import record_process
from fer_core.runs import Run
from fer_core.trainer import Stop, Stopped, Trainer, say


class StopSignal:
    """Remembers a SIGTERM or SIGINT, so that the training can end between two steps."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._remember)
        signal.signal(signal.SIGINT, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raises Stopped once the signal has come."""
        if self.asked:
            raise Stopped


def train_run(run: Run, stop: Stop) -> None:
    """Waits for the device, trains, and writes exit.json whatever happens.

    The slot's lock makes the queue of a device (on Slurm a run has its device to itself, hence a slot of its own);
    the run's own lock tells that the training is alive.
    """
    started = time.time()
    slots = run.path if run.slurm else run.path.parent
    slot = FileLock(slots / f".slot-{run.device.replace(':', '-')}.lock")
    alive = FileLock(run.path / "alive.lock")
    try:
        _acquire(slot, stop)
        alive.acquire(timeout=0)
        if (run.path / "stop.json").exists():
            raise Stopped
    except Timeout:
        say("this run is being trained by another process")
        return
    except Stopped:
        _write_exit(run, "stopped", "stopped while it waited for the device", started)
        return
    record_process(run.path / "process.json")
    (run.path / "queued.json").unlink(missing_ok=True)
    (run.path / "exit.json").unlink(missing_ok=True)
    (run.path / "checkpoints").mkdir(exist_ok=True)
    try:
        _write_exit(run, "finished", Trainer(run, stop).train(), started)
    except Stopped:
        _write_exit(run, "stopped", "stopped; resume goes on from its checkpoint", started)
    except InputError as error:
        _write_exit(run, "failed", str(error), started)
    except Exception as error:  # the log has the trace; the page needs a sentence
        traceback.print_exc()
        _write_exit(run, "failed", f"{type(error).__name__}: {error}. The log has the details.", started)
    finally:
        alive.release()
        slot.release()


def _acquire(lock: FileLock, stop: Stop) -> None:
    while True:
        try:
            lock.acquire(timeout=1)
            return
        except Timeout:
            stop.check()


def _write_exit(run: Run, state: str, message: str, started: float) -> None:
    say(f"{state}: {message}")
    write_json(
        run.path / "exit.json",
        {"state": state, "message": message, "seconds": round(time.time() - started, 1)},
    )


def main() -> int:
    """Trains the run whose folder is the only argument."""
    if len(sys.argv) != 2:
        print("usage: python -m fer_core.train RUN_DIR", file=sys.stderr)
        return 2
    run = Run(Path(sys.argv[1]).resolve())
    train_run(run, StopSignal())
    ended = run.exit
    return 0 if ended and ended["state"] in ("finished", "stopped") else 1


if __name__ == "__main__":
    sys.exit(main())
