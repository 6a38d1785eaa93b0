"""Trainings small enough for a test, and what they leave behind."""

from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.run import Run
from fer_core.training.process import train_run
from tests.helpers.trained import Stop

TINY = {
    "dataset": "tiny", "model": "compact_small", "input_px": 24, "epochs": 3, "batch_size": 4, "threads": 1,
    "learning_rate": 0.02, "precision": "float32", "memory_format": "channels_last", "device": "cpu",
}  # fmt: skip


def new_run(**values) -> Run:
    return create_run(build_config({**TINY, **values}), "test")


def train(run, stop_after=None):
    train_run(run, Stop(stop_after))
    return run


def epochs_of(run):
    """The epoch lines of a run, without the time of day."""
    return [line.model_dump(exclude={"time"}) for line in run.metrics() if line.kind == "epoch"]


def last_weights(run):
    import torch

    return torch.load(run.last_checkpoint, weights_only=True)["model"]
