"""The trainer, always a process of its own, or several under torchrun.

It is called as `python -m fer_core.training.process RUN_DIR [LANE]`.

It reads the run's config, trains, writes everything into the run's folder, and leaves within seconds
of a SIGTERM with a checkpoint from which a resume goes on as if nothing had happened.
"""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core.base.devices import list_slots
from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.jobs.processes import record_process
from fer_core.runs.run import Run
from fer_core.training.distributed import Ranks, join_ranks
from fer_core.training.trainer import Stop, Stopped, Trainer, say


class StopSignal:
    """Remembers a SIGTERM or SIGINT, so that the training can end between two steps."""

    def __init__(self, ranks: Ranks) -> None:
        self.asked = False
        self.ranks = ranks
        signal.signal(signal.SIGTERM, self._remember)
        signal.signal(signal.SIGINT, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raises Stopped once the signal has come to any rank, or torchrun is gone."""
        if any(self.ranks.agree(self.asked or self.ranks.is_orphan)):
            raise Stopped


def train_run(
    run: Run,
    stop: Stop,
    ranks: Ranks | None = None,
    work: Callable[[Trainer], str] = Trainer.train,
    lane: int = 0,
) -> str:
    """Waits for the device, trains, writes exit.json whatever happens, and returns the state that the run is left in.

    The slots' locks make the queues of the devices (on Slurm a run has its devices to itself, hence slots of its own);
    the run's own lock tells that the training is alive. The first rank holds them and writes the files. `work` is
    what is done with the trainer, if not its training; it returns the sentence for exit.json. Trainings in different
    lanes share their devices.
    """
    ranks = ranks or Ranks()
    started = time.time()
    folder = run.path if run.slurm else run.path.parent
    suffix = f".lane-{lane}" if lane else ""
    devices = list_slots(run.device, ranks.local_size)
    slots = [folder / f".slot-{device.replace(':', '-')}{suffix}.lock" for device in devices]
    locks = [FileLock(path) for path in (*slots, run.path / "alive.lock")]
    try:
        try:
            _wait_for(locks[:-1], run, stop, ranks)
            # Not at once: whoever looks whether a run is alive holds its lock for a moment.
            if not any(ranks.agree(ranks.is_first and _take(locks[-1], 1))):
                say("this run is being trained by another process")
                return "failed"
            state, message = _train(run, stop, ranks, work)
        except Stopped:
            state, message = "stopped", "stopped while it waited for the device"
        if ranks.is_first:
            _write_exit(run, state, message, started)
        return state
    finally:
        for lock in reversed(locks):
            lock.release()


def _wait_for(slots: list[FileLock], run: Run, stop: Stop, ranks: Ranks) -> None:
    """Takes the slots, one after another in the same order for all runs, so that no two wait for each other.

    Raises:
        Stopped: also when the run was taken out of the queue meanwhile.
    """
    earlier = run.exit
    for slot in slots:
        while not any(ranks.agree(ranks.is_first and _take(slot, 1))):
            stop.check()
            if any(ranks.agree(ranks.is_first and run.exit != earlier)):
                raise Stopped


def _take(lock: FileLock, timeout_s: float) -> bool:
    try:
        lock.acquire(timeout=timeout_s)
    except Timeout:
        return False
    return True


def _train(run: Run, stop: Stop, ranks: Ranks, work: Callable[[Trainer], str]) -> tuple[str, str]:
    """Trains, and returns state and message for exit.json."""
    if ranks.is_first:
        record_process(run.path / "process.json", launched=ranks.launcher != 0)
        (run.path / "queued.json").unlink(missing_ok=True)
        (run.path / "exit.json").unlink(missing_ok=True)
        (run.path / "checkpoints").mkdir(exist_ok=True)
    try:
        if any(ranks.agree((run.path / "stop.json").exists())):  # asked for while this process was starting
            raise Stopped
        return "finished", work(Trainer(run, stop, ranks))
    except Stopped:
        return "stopped", f"{run.why_stopped or 'stopped'}; resume goes on from its checkpoint"
    except InputError as error:
        return "failed", str(error)
    except Exception as error:  # the log has the trace; the page needs a sentence
        traceback.print_exc()
        return "failed", f"{type(error).__name__}: {error}. The log has the details."


def _write_exit(run: Run, state: str, message: str, started: float) -> None:
    say(f"{state}: {message}")
    write_json(
        run.path / "exit.json",
        {"state": state, "message": message, "seconds": round(time.time() - started, 1)},
    )


def main() -> int:
    """Trains the run whose folder is the first argument, in the lane that is the second, if any."""
    if len(sys.argv) not in (2, 3) or not all(lane.isdecimal() for lane in sys.argv[2:]):
        print("usage: python -m fer_core.training.process RUN_DIR [LANE]", file=sys.stderr)
        return 2
    run, lane = Run(Path(sys.argv[1]).resolve()), int(sys.argv[2]) if sys.argv[2:] else 0
    ranks = join_ranks(run.device)
    if not ranks.is_first:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  (as long as the process lives)
    code = 0 if train_run(run, StopSignal(ranks), ranks, lane=lane) in ("finished", "stopped") else 1
    if ranks.launcher:
        # All is written. While torch takes itself down, one of its threads aborts one rank in ten, and torchrun then
        # tells of a failure ("terminate called without an active exception").
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
