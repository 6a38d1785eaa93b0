"""The runs of the kept workspace, trained in this process as the trainer's own would: one of each way to end."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any
from unittest import mock

import torch
from torch import nn

from fer_core.base.files import write_json
from fer_core.models.build import build_model
from fer_core.runners import submit as jobs
from fer_core.runners.slurm import SlurmOptions, write_options
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.run import Run
from fer_core.training import trainer
from fer_core.training.process import train_run
from fer_core.training.trainer import Stopped

TINY: dict[str, Any] = {
    "dataset": "faces", "model": "compact_small", "input_px": 24, "epochs": 2, "batch_size": 8, "threads": 1,
    "learning_rate": 0.1, "precision": "float32", "memory_format": "channels_last", "device": "cpu",
}  # fmt: skip
_ALIVE = 3  # channels of each layer that are not zero


class Stop:
    """Ends the training when it has been looked at `after` times, by raising `how`; never when that is None."""

    def __init__(self, after: int | None = None, how: type[BaseException] = Stopped) -> None:
        self.left, self.how = after, how

    def check(self) -> None:
        """One look."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise self.how


class Killed(BaseException):
    """As a kill: nothing is written any more."""


def build_thin(*arguments: Any) -> nn.Module:
    """`build_model` with all but a few channels zero, which a training then leaves zero: such files pack well."""
    model = build_model(*arguments)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 4 or (parameter.ndim == 1 and len(parameter) % 7):
                parameter[_ALIVE:] = 0
            if parameter.ndim > 1 and parameter.shape[1] > _ALIVE:
                parameter[:, _ALIVE:] = 0
    return model


@contextmanager
def thin_and_alone() -> Iterator[None]:
    """Networks are thin, and nothing is started in the background."""
    with (
        mock.patch.object(trainer, "build_model", build_thin),
        mock.patch("fer_core.runners.local.start_supervisor", lambda *arguments: None),
        mock.patch("fer_core.jobs.folder.leave_detached", lambda command, log: log.touch()),
    ):
        yield


def train(run: Run, stop: Stop | None = None, **options: Any) -> Run:
    """Trains a queued or new run, its output in log.txt."""
    with (run.path / "log.txt").open("a") as log, redirect_stdout(log):
        train_run(run, stop or Stop(), **options)
    return run


def new_run(name: str, part_of: dict[str, Any] | None = None, **values: Any) -> Run:
    """A run that waits for nothing, as `fer train` makes it."""
    settings = [f"--set {field}={value}" for field, value in values.items() if field != "dataset"]
    dataset = values.get("dataset", TINY["dataset"])
    command = " ".join(["fer train --dataset", dataset, "--name", name, *settings])
    return create_run(build_config({**TINY, "name": name, **values}), command, part_of)


def make_stopped() -> Run:
    """A run that a person stopped after one of its three epochs; it can be resumed."""
    run = jobs.submit(build_config({**TINY, "name": "stopped", "epochs": 3}), "fer submit --dataset faces")
    train(run, Stop(9))
    write_json(run.path / "stop.json", {"time": time.time(), "why": ""})
    return run


def make_lost() -> Run:
    """A run whose process was killed in its second epoch: nobody wrote how it ended."""
    run = new_run("lost", epochs=3)
    try:
        train(run, Stop(9, Killed))
    except Killed:
        return run
    raise AssertionError("it came to its end")


def make_waiting() -> list[Run]:
    """A queued run that no process serves, and one that was taken out of Slurm's queue before it began."""
    waiting = jobs.submit(build_config({**TINY, "name": "queued"}), "fer submit --dataset faces --name queued")
    slurm = new_run("on slurm")
    write_options(slurm, SlurmOptions(partition="short", time_min=10))
    job = {"job_id": "7", "uid": os.getuid(), "submitted": time.time()}
    write_json(slurm.path / "slurm.json", {**(slurm.slurm or {}), **job})
    write_json(slurm.path / "stop.json", {"time": time.time(), "why": ""})
    message = "taken out of the queue before it began"
    write_json(slurm.path / "exit.json", {"state": "stopped", "message": message, "seconds": 0.0})
    return [waiting, slurm]


def run_main(main: Callable[..., None], run: Run) -> None:
    """Calls a job's main with the folder, its output in log.txt."""
    with (run.path / "log.txt").open("a") as log, redirect_stdout(log):
        main(run.path)
