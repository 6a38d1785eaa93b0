"""`last.pt`: the training state that a resume continues from."""

from pathlib import Path
from typing import Any, TypedDict, cast

import torch
from torch import Tensor

from fer_core.base.files import write_atomic
from fer_core.errors import InputError


class StepParts(TypedDict):
    """State of the objects that a step changes, as their `state_dict` gives it; `ema` is empty without one."""

    model: dict[str, Tensor]
    ema: dict[str, Tensor]
    optimizer: dict[str, Any]
    schedule: dict[str, float]


class StepState(StepParts):
    """`TrainStep.state_dict`: also the number of steps done, the tally (4,) and the fields of the tuning."""

    step: int
    tally: Tensor
    tuning: dict[str, Any]


class Best(TypedDict):
    """The epoch whose weights are kept (from 1; 0: none yet), with its scores on the validation faces."""

    epoch: int
    val_accuracy: float
    val_nll: float


class TrainingState(StepState):
    """The state of a whole run: also the epochs done and the best one."""

    epochs_done: int
    best: Best


def write_training_state(path: Path, state: TrainingState) -> None:
    """Writes the state atomically."""
    write_atomic(path, lambda temporary: torch.save(state, temporary))


def read_training_state(path: Path) -> TrainingState:
    """The state in `path`, on the CPU.

    Raises:
        InputError: if the file is damaged.
    """
    damaged = f"The checkpoint {path} is damaged. Delete it and resume; the run then restarts from the first step."
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file can make the unpickler raise anything; its text advises to run code
        if isinstance(error, OSError | MemoryError):
            raise
        raise InputError(damaged) from error
    if not isinstance(state, dict):
        raise InputError(damaged)
    return cast(TrainingState, state)
