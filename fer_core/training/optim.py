"""Optimizers and learning-rate schedules of a config."""

import inspect
import math
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from fer_core.models.freezing import split_head
from fer_core.runs.config import TrainConfig


def build_optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The config's optimizer; weight decay acts on weights of two dimensions and more, not on norms and biases.

    Each group's `share` is what the schedule's rate is multiplied by: `trunk_rate` for all but the last layer.
    """
    trunk, head = split_head(model)
    groups = [
        {"params": [p for p in part if (p.ndim > 1) == decayed], "weight_decay": decay, "share": share}
        for part, share in ((trunk, config.trunk_rate), (head, 1.0))
        for decayed, decay in ((True, config.weight_decay), (False, 0.0))
    ]
    if config.optimizer == "radam":
        return without_compiler(torch.optim.RAdam)(groups, config.learning_rate, decoupled_weight_decay=True)
    sgd, adam, adamw = (without_compiler(kind) for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW))
    if config.optimizer == "sgd":
        fused = not config.unfreeze_epochs  # it fails where one of a group had its first gradient after another
        momentum = config.momentum or config.peak_momentum
        return sgd(groups, config.learning_rate, momentum, nesterov=momentum > 0, fused=fused)
    return (adam if config.optimizer == "adam" else adamw)(groups, config.learning_rate, fused=True)


def without_compiler(kind: type[torch.optim.Optimizer]) -> Any:
    """The same optimizer without hooks for torch.compile: importing the compiler would add 2 s at the start."""
    names = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
    plain = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), {**plain, "step": step})


def build_ema(model: nn.Module, decay: float) -> AveragedModel | None:
    """A moving average of the model's weights and of its norms' statistics, or None for a decay of 0.

    Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992.
    """
    if not decay:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)


_RISES = 0.3  # share of the steps over which one_cycle rises


def _fall(share: float) -> float:
    """Half a cosine, from 1 at 0 to 0 at 1 and beyond."""
    return 0.5 * (1 + math.cos(math.pi * min(share, 1)))


class Schedule:
    """Learning rate and momentum of each step: pure functions of the step, except for plateau, which has state.

    one_cycle: rises from 1/25 over the first 30 %, then falls to nearly 0; the momentum mirrors it if
    `peak_momentum` is set (Smith, A disciplined approach to neural network hyper-parameters, 2018).
    cosine: falls from the full rate to 0. plateau: divided by 10 after `plateau_patience` epochs without improvement.
    All except one_cycle can have a warm-up.
    """

    def __init__(self, config: TrainConfig, n_steps: int) -> None:
        self.config = config
        self.n_steps = n_steps
        self.factor = 1.0
        self.best = -math.inf
        self.waited = 0

    def rate(self, step: int) -> float:
        """The learning rate of step `step`, from 0."""
        n_warmup = self.config.warmup_epochs * self.n_steps / self.config.epochs
        warmth = min(1.0, (step + 1) / n_warmup) if n_warmup and self.config.schedule != "one_cycle" else 1.0
        return warmth * self._rate(step)

    def momentum(self, step: int) -> float:
        """The momentum of step `step`, from 0, for sgd."""
        usual, peak = self.config.momentum, self.config.peak_momentum
        if not peak or self.config.schedule != "one_cycle":
            return usual
        return usual + (peak - usual) * self._height(step)

    def _rate(self, step: int) -> float:
        peak = self.config.learning_rate
        if self.config.schedule == "cosine":
            return peak * _fall(self._share(step))
        if self.config.schedule == "one_cycle":
            if self._share(step) < _RISES:
                return peak * (0.04 + 0.96 * self._height(step))
            return max(peak * self._height(step), peak * 1e-5)
        return peak * self.factor

    def _share(self, step: int) -> float:
        return step / max(self.n_steps - 1, 1)

    def _height(self, step: int) -> float:
        """The position in one_cycle, from 0 to 1 and back to 0."""
        share = self._share(step)
        if share < _RISES:
            return 0.5 * (1 - math.cos(math.pi * share / _RISES))
        return _fall((share - _RISES) / (1 - _RISES))

    def end_epoch(self, val_accuracy: float) -> None:
        """Reports the epoch's result to plateau."""
        if self.config.schedule != "plateau":
            return
        if val_accuracy > self.best:
            self.best, self.waited = val_accuracy, 0
            return
        self.waited += 1
        if self.waited >= self.config.plateau_patience:
            self.factor, self.waited = self.factor / 10, 0

    def state_dict(self) -> dict[str, float]:
        """The state of plateau."""
        return {"factor": self.factor, "best": self.best, "waited": self.waited}

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Restores a state from state_dict."""
        self.factor, self.best, self.waited = state["factor"], state["best"], int(state["waited"])
