"""A learning-rate range test in a process of its own, `python -m fer_core.studies.lr_range_job FOLDER`.

Its folder, `runs/.lr-range-<run_id>`, has the files of a run without weights, the sweep in sweep.json, and the result
in lr_range.json. It waits for its device like any run, and writes its progress to metrics.jsonl.
"""

import math
import subprocess
import sys
from collections.abc import Callable, Iterable
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
from fer_core.runs.metrics_file import Metrics
from fer_core.runs.run import Run, split_metrics
from fer_core.studies.lr_range import LrRange, Sweep, SweepSchedule, read_lr_range

if TYPE_CHECKING:
    from fer_core.training.distributed import Ranks
    from fer_core.training.loader import Batch
    from fer_core.training.step import TrainStep
    from fer_core.training.trainer import Stop

_MODULE = "fer_core.studies.lr_range_job"
_PREFIX = ".lr-range-"
_MODEST = {"devices": 1, "teacher_views": 0}  # a curve of a hundred steps is not worth judging each face many times
_BLOWN_UP = 4  # times the lowest loss: nothing more is to be learnt above


def create_lr_range(config: TrainConfig, command: str, sweep: Sweep) -> Run:
    """Creates the folder of a new range test and deletes those that have ended.

    Raises:
        InputError: if the config does not fit its data set.
    """
    for earlier in list_lr_ranges():
        forget_lr_range(earlier)
    run = create_run(config.model_copy(update=_MODEST), command, prefix=_PREFIX)
    write_json(run.path / "sweep.json", asdict(sweep))
    return run


def start_lr_range(config: TrainConfig, command: str, sweep: Sweep) -> Run:
    """Starts a range test in the background."""
    run = create_lr_range(config, command, sweep)
    run.job.start(_MODULE)
    return run


def run_lr_range(run: Run, progress: Callable[[str, int, int], None]) -> LrRange:
    """Runs the range test as a child of this process and waits for it; Ctrl-C stops it.

    Raises:
        InputError: if it did not finish; the message says why.
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
    """Running, queued and ended range tests, newest first."""
    folders = [path.parent for path in runs_dir().glob(f"{_PREFIX}*/sweep.json")]
    return [Run(path) for path in sorted(folders, reverse=True)]


def read_progress(run: Run) -> tuple[int, int]:
    """Steps done and total steps of the sweep."""
    _, progress = split_metrics(run.metrics())
    return (progress.step if progress else 0), read_document(run.path / "sweep.json", "n_steps")["n_steps"]


def read_result(run: Run) -> LrRange | None:
    """The result; None until there is one."""
    try:
        found = read_document(run.path / "lr_range.json", *LrRange.__dataclass_fields__)
    except FileNotFoundError:
        return None
    known = {name: found[name] for name in LrRange.__dataclass_fields__}
    return LrRange(**known | {name: tuple(found[name]) for name in ("rates", "losses", "smoothed")})


def explain_end(run: Run) -> str:
    """Why a range test ended without a result."""
    ended = run.exit
    if ended is None:
        return f"The range test is {run.state}. {run.state.text} The log is {run.path / 'log.txt'}."
    return "The range test was stopped." if ended.state is State.STOPPED else ended.message


def stop_lr_range(run: Run) -> None:
    """Asks a range test to stop."""
    with suppress(InputError):  # it has ended by now
        run.job.stop()


def forget_lr_range(run: Run) -> None:
    """Deletes the folder of a range test that has ended."""
    with suppress(InputError):  # it is at work
        run.job.forget()


def measure_losses(
    step: "TrainStep", batches: "Iterable[Batch]", sweep: Sweep, tell: Callable[[float, float], None]
) -> list[float]:
    """The loss before a training step at each rate, up to the step at which it becomes infinite.

    Args:
        step: the training step; restored to its original state afterwards.
        batches: at least as many as the sweep has steps.
        sweep: the rates.
        tell: called after each step with its loss and its accuracy on the faces that train the labels head.
    """
    rates = SweepSchedule(sweep, step.config.momentum)
    losses: list[float] = []
    with step.lent():
        step.model.train()
        for batch in islice(batches, sweep.n_steps):
            step.tally.zero_()
            step.take(batch, rates)
            loss, accuracy = step.read_tally()
            if not math.isfinite(loss):
                break
            losses.append(loss)
            tell(loss, accuracy)
            if loss > _BLOWN_UP * min(losses):
                break
    return losses


def _work(run: Run, stop: "Stop", ranks: "Ranks") -> str:
    from fer_core.training.prepare import build_data, build_network
    from fer_core.training.step import build_step

    sweep = Sweep(**read_json(run.path / "sweep.json"))
    data = build_data(run, ranks, stop.check)
    step = build_step(data, build_network(run, data, ranks), ranks)
    with closing(Metrics(run.path / "metrics.jsonl", sweep.n_steps, 0)) as metrics:

        def tell(loss: float, accuracy: float) -> None:
            stop.check()
            if metrics.due():
                metrics.write_progress(step.n_done, 1, loss, accuracy, run.config.batch_size)

        batches = chain.from_iterable(map(data.batches.epoch, count()))
        result = read_lr_range(measure_losses(step, batches, sweep, tell), sweep)
    write_json(run.path / "lr_range.json", asdict(result))
    return result.sentence


def main(folder: Path) -> None:
    """Runs the range test of `folder`."""
    from fer_core.training.distributed import Ranks
    from fer_core.training.process import StopSignal, train_run

    train_run(Run(folder), StopSignal(Ranks()), work=_work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
