"""The weights file of a run, or why it is missing."""

from pathlib import Path

from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.run import Run, is_run


def require_weights(run: Run) -> Path:
    """The weights file of the run's best epoch.

    Raises:
        InputError: if there is none; the message says why.
    """
    if not run.best_weights.is_file():
        raise InputError(explain_no_weights(run.best_weights))
    return run.best_weights


def explain_no_weights(path: Path) -> str:
    """Why there is no weights file at the path, and the next step, in a sentence or two."""
    run = Run(path.parent.parent)
    if not is_run(run.path):
        return f"There is no weights file at {path}. Train a run first, or wait for its first epoch."
    if run.exit is None or run.exit.state is not State.FINISHED:
        return f"The run {run.run_id} has no weights yet. Wait for its first epoch, or choose another run."
    if run.members:
        return (
            f"The ensemble {run.run_id} has no weights file here. Make it again from its members: "
            f"{run.info.command or 'fer ensemble'}."
        )
    way = "Unpack its folder again with fer gpu unpack, or train" if run.info.gpu_pack else "Train"
    return f"The run {run.run_id} has finished, but its weights file is missing ({path}). {way} it again."
