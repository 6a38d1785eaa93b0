"""Training from Python in the foreground."""

from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runners.follow import watch
from fer_core.runners.launch import start_trainer
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import create_run, tell_command
from fer_core.runs.run import Run


def train(config: TrainConfig, quiet: bool = False) -> Run:
    """Trains a new run in a separate process, waits for it, and returns it once it has finished.

    Ctrl-C (in a notebook: the stop button) stops the run with a checkpoint, from which `fer resume RUN` continues.
    The run appears in the dashboard like any other.

    Args:
        config: what to train, such as `preset("compact", dataset="demo")`.
        quiet: print nothing; otherwise a line for each epoch is printed.

    Raises:
        InputError: if the config does not fit its data set, or the run failed or was stopped elsewhere.
        KeyboardInterrupt: once the interrupted run has stopped.

    Example:
        >>> run = fer.train(fer.preset("quick", dataset="demo", epochs=1), quiet=True)
        >>> run.state.value
        'finished'
        >>> run.best_weights.name
        'best.safetensors'
    """
    run = create_run(config, tell_command(config, "train"))
    if not quiet:
        print(f"run {run.run_id}", flush=True)
    interrupted = watch(run, start_trainer(run), quiet)
    if run.state is State.FINISHED:
        return run
    if run.state is State.STOPPED:
        sentence = f"The run {run.run_id} was stopped. Continue with fer resume {run.run_id}."
    else:
        sentence = f"The run {run.run_id} is {run.state}: {run.job.message.rstrip('.')}. See {run.path / 'log.txt'}."
    if interrupted:
        raise KeyboardInterrupt(sentence)
    raise InputError(sentence)
