"""The trainer: always a separate process, or several under torchrun.

It is called as `python -m fer_core.training.process RUN_DIR [LANE]`.

It reads the run's config, trains, writes everything into the run's folder, and leaves within seconds
of a SIGTERM with a checkpoint from which a resume continues as if nothing had happened.
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core.base.devices import list_slots
from fer_core.jobs.folder import NothingToDo
from fer_core.jobs.outcome import Outcome, Stopped
from fer_core.jobs.state import State
from fer_core.jobs.watched import AtWork
from fer_core.runs.run import Run
from fer_core.training.distributed import Ranks, join_ranks
from fer_core.training.log import say
from fer_core.training.trainer import Stop, Trainer


def train(run: Run, stop: Stop, ranks: Ranks) -> str:
    """Trains a run from its checkpoint or from the start until its report; returns the message for exit.json."""
    return Trainer(run, stop, ranks).train()


class StopSignal:
    """Records a SIGTERM or SIGINT, so that training can end between two steps."""

    def __init__(self, ranks: Ranks) -> None:
        self.asked = False
        self.ranks = ranks
        signal.signal(signal.SIGTERM, self._remember)
        signal.signal(signal.SIGINT, self._remember)

    def _remember(self, number: int, frame: object) -> None:
        self.asked = True

    def check(self) -> None:
        """Raises Stopped once any rank has received the signal, or torchrun has ended."""
        if any(self.ranks.agree(self.asked or self.ranks.is_orphan)):
            raise Stopped


def train_run(
    run: Run,
    stop: Stop,
    ranks: Ranks | None = None,
    work: Callable[[Run, Stop, Ranks], str] = train,
    lane: int = 0,
) -> State:
    """Waits for the device, trains, always writes exit.json, and returns the run's final state.

    The run's own lock shows that its process is alive; the slots' locks form the queues of the devices (on Slurm a
    run has exclusive devices and therefore its own slots). The first rank holds them and writes the files. `work`
    replaces training and returns the message for exit.json. Runs in different
    lanes share their devices.
    """
    ranks = ranks or Ranks()
    with ExitStack() as held:
        outcome, left = Outcome(), None
        if ranks.is_first:
            try:
                outcome = held.enter_context(run.job.working(listens=True, launched=ranks.launcher != 0))
            except (AtWork, NothingToDo) as error:
                left = error
        if any(ranks.agree(left is not None)):
            say(str(left))
            return State.STOPPED if isinstance(left, NothingToDo) else State.FAILED
        with outcome.catch():
            outcome.message = _train_in_turn(run, stop, ranks, work, lane, outcome)
        say(f"{outcome.state}: {outcome.message}")
    return outcome.state


def _train_in_turn(
    run: Run, stop: Stop, ranks: Ranks, work: Callable[[Run, Stop, Ranks], str], lane: int, outcome: Outcome
) -> str:
    """Trains once the devices are free; returns the message for exit.json."""
    folder = run.path if run.slurm else run.path.parent
    suffix = f".lane-{lane}" if lane else ""
    devices = list_slots(run.device, ranks.local_size)
    slots = [FileLock(folder / f".slot-{device.replace(':', '-')}{suffix}.lock") for device in devices]
    try:
        outcome.if_stopped = "stopped while waiting for the device"
        with run.job.waiting() if ranks.is_first else nullcontext():
            _wait_for(slots, run, stop, ranks)
        try:
            return _train(run, stop, ranks, work)
        except Stopped:
            outcome.if_stopped = f"{run.why_stopped or 'stopped'}; resume continues from its last checkpoint"
            raise
    finally:
        for slot in reversed(slots):
            slot.release()


def _train(run: Run, stop: Stop, ranks: Ranks, work: Callable[[Run, Stop, Ranks], str]) -> str:
    if ranks.is_first:
        (run.path / "checkpoints").mkdir(exist_ok=True)
    return work(run, stop, ranks)


def _wait_for(slots: list[FileLock], run: Run, stop: Stop, ranks: Ranks) -> None:
    """Takes the slots in the same order for all runs, so that no two runs wait for each other.

    Raises:
        Stopped: also for a request to stop whose signal does not reach this process.
    """
    for slot in slots:
        while not any(ranks.agree(ranks.is_first and _take(slot, 1))):
            stop.check()
            if any(ranks.agree(ranks.is_first and run.job.is_asked_to_stop)):
                raise Stopped


def _take(lock: FileLock, timeout_s: float) -> bool:
    try:
        lock.acquire(timeout=timeout_s)
    except Timeout:
        return False
    return True


def main() -> int:
    """Trains the run in the folder given as first argument, in the lane given as second, if any."""
    if len(sys.argv) not in (2, 3) or not all(lane.isdecimal() for lane in sys.argv[2:]):
        print("usage: python -m fer_core.training.process RUN_DIR [LANE]", file=sys.stderr)
        return 2
    run, lane = Run(Path(sys.argv[1]).resolve()), int(sys.argv[2]) if sys.argv[2:] else 0
    ranks = join_ranks(run.device)
    if not ranks.is_first:
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115  (as long as the process lives)
    code = 0 if train_run(run, StopSignal(ranks), ranks, lane=lane) in (State.FINISHED, State.STOPPED) else 1
    if ranks.launcher:
        # All is written. While torch takes itself down, one of its threads aborts one rank in ten, and torchrun then
        # tells of a failure ("terminate called without an active exception").
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
