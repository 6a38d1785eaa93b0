"""Starting, stopping and resuming runs, on this machine or on Slurm.

A queued run is a folder with `queued.json`; a run for Slurm also has `slurm.json`.
"""

from collections.abc import Sequence
from functools import partial

from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runners import local, slurm
from fer_core.runners.base import Runner
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import create_run, tell_command
from fer_core.runs.extend import tell_extension
from fer_core.runs.find import delete_run
from fer_core.runs.run import Run


def submit(config: TrainConfig, command: str = "", on_slurm: SlurmOptions | None = None) -> Run:
    """Queues a new run and returns at once; it trains in the background, even after Python has exited.

    Args:
        config: what to train, such as `preset("compact", dataset="demo")`.
        command: the command that started it, shown to users; empty: the equivalent `fer submit` command.
        on_slurm: Slurm request; None: train on this machine, one run after another.

    Raises:
        InputError: if the config does not fit its data set, or Slurm refuses the run.

    Example:
        >>> run = fer.submit(fer.preset("quick", dataset="demo", epochs=1))
        >>> run.state in ("queued", "running")
        True
    """
    return submit_all([config], command or tell_command(config, "submit"), on_slurm)[0]


def submit_all(configs: Sequence[TrainConfig], command: str, on_slurm: SlurmOptions | None = None) -> list[Run]:
    """Creates a run for each config and queues them in that order; if one is refused, none is kept.

    Args:
        configs: at least one.
        command: the command that started them, for run.json.
        on_slurm: Slurm request, with the runs as one job array; None: train on this machine.

    Raises:
        InputError: if a config does not fit its data set, or Slurm refuses the runs.
    """
    runs: list[Run] = []
    try:
        for config in configs:
            runs.append(create_run(slurm.place(config, on_slurm) if on_slurm else config, command))
            if on_slurm:
                slurm.write_options(runs[-1], on_slurm)
        enqueue(runs)
    except InputError:
        for run in runs:
            delete_run(run)
        raise
    return runs


def enqueue(runs: Sequence[Run]) -> None:
    """Marks runs of one runner as queued and makes sure that they will be trained."""
    for run in runs:
        run.job.queue()
    try:
        _runner(runs[0]).start(runs)
    except InputError as error:
        for run in runs:
            run.job.end(State.FAILED, str(error))
        raise


def resume(run: Run) -> None:
    """Queues a stopped, failed or lost run on its runner, to continue from its last checkpoint.

    Raises:
        InputError: if it is running, queued or finished, its data set has changed, or Slurm refuses
            it.
    """
    state = run.state
    if not state.is_resumable:
        way_on = tell_extension(run) if state is State.FINISHED else "Duplicate it to train again."
        raise InputError(f"{run.run_id} is {state}, so it cannot be resumed. {way_on}".rstrip())
    from fer_core.runs.origins.lineage import refuse_other_faces  # pandas, as in create_run

    refuse_other_faces(run, run.open_dataset())
    enqueue([run])


def cancel(run: Run, why: str = "") -> str:
    """Asks the run to stop, and returns at once with a sentence; poll `run.state` for its end.

    A queued run is removed from the queue. A running one writes a checkpoint and ends; after GRACE_S seconds its
    process tree is killed.

    Args:
        run: a queued or running run.
        why: the beginning of its last message, such as "pruned by ..."; later available as `run.why_stopped`.

    Raises:
        InputError: if it is neither queued nor running, or Slurm does not respond.
    """
    if run.job.stop(why, partial(_runner(run).cancel, run)):
        return f"{run.run_id} was removed from the queue."
    return f"{run.run_id} is stopping; it writes a checkpoint first."


def kill(run: Run) -> None:
    """Kills the run at once. Its last checkpoint is kept."""
    _runner(run).kill(run)


def _runner(run: Run) -> Runner:
    return slurm if run.slurm else local
