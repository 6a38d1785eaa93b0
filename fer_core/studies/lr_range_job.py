"""A learning-rate range test in a process of its own, `python -m fer_core.studies.lr_range_job FOLDER`.

Its folder, `runs/.lr-range-<run_id>`, has the files of a run and no weights; beside them sweep.json, what to do, and
lr_range.json, the result. It waits for its device as a training does, and tells its progress in metrics.jsonl.
"""

import math
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.base.files import read_document, read_json, write_json
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import create_run
from fer_core.runs.run import Run, split_metrics
from fer_core.studies.lr_range import LrRange, Sweep, SweepSchedule, read_lr_range

if TYPE_CHECKING:
    from fer_core.training.trainer import Trainer

_MODULE = "fer_core.studies.lr_range_job"
_PREFIX = ".lr-range-"
_MODEST = {"devices": 1, "teacher_views": 0}  # a curve of a hundred steps is not worth judging each face many times
_BLOWN_UP = 4  # times the lowest loss: nothing more is to be learnt above


def create_lr_range(config: TrainConfig, command: str, sweep: Sweep) -> Run:
    """Makes the folder of a new range test, in place of those that have ended.

    Raises:
        InputError: as for a training that does not fit its data set.
    """
    for earlier in list_lr_ranges():
        forget_lr_range(earlier)
    run = create_run(config.model_copy(update=_MODEST), command, prefix=_PREFIX)
    write_json(run.path / "sweep.json", asdict(sweep))
    return run


def start_lr_range(config: TrainConfig, command: str, sweep: Sweep) -> Run:
    """Makes a range test and leaves it at work in the background."""
    run = create_lr_range(config, command, sweep)
    run.job.start(_MODULE)
    return run


def run_lr_range(run: Run, progress: Callable[[str, int, int], None]) -> LrRange:
    """Makes the range test as a child of this process and waits for it; Ctrl-C stops it.

    Raises:
        InputError: when it did not come to an end, saying why.
    """
    child = run.job.launch([sys.executable, "-m", _MODULE, str(run.path)])
    while child.poll() is None:
        try:
            child.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            progress("learning rates", *read_progress(run))
        except KeyboardInterrupt:
            with suppress(InputError):  # it has ended by now
                run.job.stop()
    progress("done", 1, 1)
    result = read_result(run)
    if result is None:
        raise InputError(explain_end(run))
    return result


def list_lr_ranges() -> list[Run]:
    """The range tests at work, waiting or ended, the newest first."""
    folders = [path.parent for path in runs_dir().glob(f"{_PREFIX}*/sweep.json")]
    return [Run(path) for path in sorted(folders, reverse=True)]


def read_progress(run: Run) -> tuple[int, int]:
    """Steps done, and steps of the whole sweep."""
    _, progress = split_metrics(run.metrics())
    return (progress.step if progress else 0), read_document(run.path / "sweep.json", "n_steps")["n_steps"]


def read_result(run: Run) -> LrRange | None:
    """The result, or None before there is one."""
    try:
        found = read_document(run.path / "lr_range.json", *LrRange.__dataclass_fields__)
    except FileNotFoundError:
        return None
    known = {name: found[name] for name in LrRange.__dataclass_fields__}
    return LrRange(**known | {name: tuple(found[name]) for name in ("rates", "losses", "smoothed")})


def explain_end(run: Run) -> str:
    """Why a range test without a result has ended."""
    ended = run.exit
    if ended is None:
        return f"The range test is {run.state}. {run.state.text} The log is {run.path / 'log.txt'}."
    return "The range test was stopped." if ended.state is State.STOPPED else ended.message


def stop_lr_range(run: Run) -> None:
    """Asks a range test to stop."""
    with suppress(InputError):  # it has ended by now
        run.job.stop()


def forget_lr_range(run: Run) -> None:
    """Removes the folder of one that has ended."""
    with suppress(InputError):  # it is at work
        run.job.forget()


def measure_losses(trainer: "Trainer", sweep: Sweep) -> list[float]:
    """Trains the whole network a step at each rate; the loss before each step, up to where it blows up."""
    trainer.schedule = SweepSchedule(sweep, trainer.config.momentum)  # type: ignore[assignment]
    trainer.metrics.n_steps = sweep.n_steps
    trainer.model.train()
    losses: list[float] = []
    batches = chain.from_iterable(map(trainer.batches.epoch, count()))
    for batch in islice(batches, sweep.n_steps):
        trainer.stop.check()
        trainer.tally.zero_()
        trainer.train_step(batch)
        loss_sum, hits, n, n_taught = trainer.tally.tolist()
        if not math.isfinite(loss_sum):
            break
        losses.append(loss_sum / n)
        if trainer.metrics.due():
            trainer.metrics.write_progress(
                trainer.step, 1, losses[-1], hits / max(n_taught, 1), trainer.config.batch_size
            )
        if losses[-1] > _BLOWN_UP * min(losses):
            break
    return losses


def _work(trainer: "Trainer") -> str:
    sweep = Sweep(**read_json(trainer.run.path / "sweep.json"))
    with closing(trainer.metrics):
        result = read_lr_range(measure_losses(trainer, sweep), sweep)
    write_json(trainer.run.path / "lr_range.json", asdict(result))
    return result.sentence


def main(folder: Path) -> None:
    """Makes the range test of `folder`."""
    from fer_core.training.distributed import Ranks
    from fer_core.training.process import StopSignal, train_run

    train_run(Run(folder), StopSignal(Ranks()), work=_work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
