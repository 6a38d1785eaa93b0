"""Extending a finished run: a new run that starts from its best weights, and its learning-rate schedule."""

from fer_core.base.text import count_of, percent
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runs.config import Settings, TrainConfig, build_config
from fer_core.runs.masks import ALL
from fer_core.runs.run import Run, find_best, split_metrics
from fer_core.runs.run_weights import explain_no_weights, require_weights

ANNEALED_SHARE = 0.1  # of the first run's peak: a schedule that ended near 0 goes on from there, not from its peak
_SCHEDULES = {
    "constant": "a constant learning rate of {rate:g}",
    "plateau": "a learning rate that starts at {rate:g} and is divided by 10 whenever validation stops improving",
    "cosine": "a learning rate that falls along a cosine from {rate:g} to 0",
    "one_cycle": "a new one-cycle schedule that peaks at {rate:g}",
}


def extend_config(run: Run, epochs: int, settings: Settings | None = None) -> TrainConfig:
    """The config of a new run that continues `run` from its best weights for that many epochs.

    All else is as in the run, except the schedule and the seed. If the rate had fallen to nearly 0 (one_cycle,
    cosine), it falls along a cosine from a tenth of the run's peak: a new full cycle would rise to the peak and undo
    earlier progress. plateau and constant continue at the last rate. The seed is the next one, since the same seed
    would draw the same augmentations in the same order; no layers are frozen.

    Args:
        run: a finished run.
        epochs: number of additional epochs.
        settings: field -> value; they override all of the above.

    Raises:
        InputError: for an ensemble, an unfinished run, a missing weights file, or an invalid setting.
    """
    _refuse_unfinished(run)
    require_weights(run)
    config = run.config
    values = {
        **config.model_dump(),
        "name": f"{run.title[:60]} +{epochs}",
        "init": f"run:{run.run_id}",
        "labels_from": config.labels_from or ALL,  # what an earlier version did, which could not choose
        "epochs": epochs,
        "seed": (config.seed + 1) % 2**31,
        "freeze_epochs": 0,
        "unfreeze_epochs": 0,
        "warmup_epochs": 0.0,
        **_continue_schedule(run, config),
    }
    return build_config({**values, **(settings or {})})


def _refuse_unfinished(run: Run) -> None:
    if run.members:
        raise InputError(f"{run.run_id} is an ensemble, which cannot be trained. Continue one of its members.")
    if run.state is not State.FINISHED and not run.is_bundled:
        raise InputError(
            f"{run.run_id} is {run.state}; only a finished run can be continued. "
            + ("Wait until it finishes." if run.state.is_active else f"Finish it first with fer resume {run.run_id}.")
        )


def describe_extension(run: Run, config: TrainConfig) -> str:
    """A sentence that describes a new run of `extend_config` before it starts."""
    epochs, _ = split_metrics(run.metrics())
    best = epochs[find_best(epochs)] if epochs else None
    where = f", epoch {best.epoch} with {percent(best.val_accuracy)} on validation" if best else ""
    text = (
        f"A new run starts from the best weights of {run.run_id}{where} and trains for "
        f"{count_of(config.epochs, 'more epoch')} with a fresh optimizer and "
        f"{_SCHEDULES[config.schedule].format(rate=config.learning_rate)}"
    )
    before = run.config
    if before.schedule in ("one_cycle", "cosine") and config.learning_rate < before.learning_rate:
        text += f" (the previous peak was {before.learning_rate:g}; returning to it would undo earlier progress)"
    return f"{text}."


def command_of_extension(run: Run, epochs: int) -> str:
    """`fer extend RUN --epochs N`."""
    return f"fer extend {run.run_id} --epochs {epochs}"


def tell_extension(run: Run) -> str:
    """The message for resuming a finished run: how to extend it instead, and what that does.

    "" for an ensemble; for a run without its weights file, why it cannot be extended.
    """
    if run.members:
        return ""
    if not run.best_weights.is_file():
        return explain_no_weights(run.best_weights)
    n = run.config.epochs
    return f"Continue from it with {command_of_extension(run, n)}: {describe_extension(run, extend_config(run, n))}"


def _continue_schedule(run: Run, config: TrainConfig) -> Settings:
    """The schedule and learning rate that continue from the end of the run."""
    if config.schedule in ("one_cycle", "cosine"):
        return {"schedule": "cosine", "learning_rate": float(f"{config.learning_rate * ANNEALED_SHARE:.3g}")}
    epochs, _ = split_metrics(run.metrics())
    rate = epochs[-1].learning_rate if epochs else None
    return {"learning_rate": rate} if rate else {}
