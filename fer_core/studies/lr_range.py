"""Reads a learning-rate range test: where the loss falls fastest, where it diverges, and which rate to use.

Source: Smith, Cyclical Learning Rates for Training Neural Networks, 2017. He raises the rate evenly; here it grows by
a constant factor, so that five decades take a hundred steps. No torch here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer_core.errors import InputError

_WINDOW = 0.1  # of the steps, half a decade of the usual five: a batch's loss alone is mostly noise
_LOST = 0.5  # of what the loss had fallen: once so much has been lost again, the rate is too high
_SAFETY = 3  # the suggested rate is so many times below: a training lasts longer than a step at each rate
_MIN_STEPS = 10  # of a sweep
_MIN_LOSSES = 5  # of one that ended early


@dataclass(frozen=True)
class Sweep:
    """The rates of a range test: from `first` to `last` in `n_steps`, growing by a constant factor.

    Raises:
        InputError: unless 0 < first < last and n_steps is 10 or more.
    """

    first: float = 1e-5
    last: float = 1.0
    n_steps: int = 100

    def __post_init__(self) -> None:
        if not 0 < self.first < self.last < math.inf:
            raise InputError(f"The rates are {self.first:g} to {self.last:g}. Give two above 0, the smaller one first.")
        if self.n_steps < _MIN_STEPS:
            raise InputError(f"{self.n_steps} steps are too few for a curve. Use {_MIN_STEPS} or more.")

    def rate(self, step: int) -> float:
        """The rate of step `step`, from 0."""
        return self.first * (self.last / self.first) ** (step / (self.n_steps - 1))


@dataclass(frozen=True)
class SweepSchedule:
    """A sweep that replaces the schedule of a training step."""

    sweep: Sweep
    usual_momentum: float

    def rate(self, step: int) -> float:
        """The rate of step `step`, from 0."""
        return self.sweep.rate(step)

    def momentum(self, step: int) -> float:
        """The momentum of any step, which is constant: only the rate is swept."""
        return self.usual_momentum


@dataclass(frozen=True, kw_only=True)
class LrRange:
    """The curve of a range test and the rates read from it.

    Attributes:
        rates: learning rate of each step taken.
        losses: loss at each rate, before the step changed the weights.
        smoothed: moving median of the losses; a mean would rise half a window before the loss does.
        steepest: rate at which the loss falls fastest over log rate; None if it never falls.
        diverged: rate at which half of the fall is lost again; None if that did not happen.
        suggested: a third of `diverged`, otherwise `steepest`, to two digits; None if both are None.
        sentence: the findings in words, with the next step.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    steepest: float | None
    diverged: float | None
    suggested: float | None
    sentence: str


def read_lr_range(losses: Sequence[float], sweep: Sweep) -> LrRange:
    """Finds the rates in the losses of a sweep.

    Args:
        losses: loss of each step; fewer than the steps if the loss became infinite, at the first rate without a loss.
        sweep: the sweep that was run.

    Raises:
        InputError: if the loss became infinite before a curve could be read.
    """
    if len(losses) < _MIN_LOSSES:
        raise InputError(
            f"The loss diverged in step {len(losses) + 1}, at a rate of {sweep.rate(len(losses)):.2g}. Start from "
            "a lower rate (--from)."
        )
    half = max(1, min(round(_WINDOW * sweep.n_steps / 2), (len(losses) - 1) // 2))
    around = np.lib.stride_tricks.sliding_window_view(np.pad(losses, half, "reflect"), 2 * half + 1)
    smoothed = np.median(around, axis=1)
    lost = _find_loss_lost(smoothed)
    if lost is None and len(losses) < sweep.n_steps:
        lost = len(losses)
    fastest = _find_steepest(smoothed[:lost], half)
    steepest = None if fastest is None else sweep.rate(fastest)
    diverged = None if lost is None or fastest is None else sweep.rate(lost)
    rate = diverged / _SAFETY if diverged else steepest
    suggested = float(f"{rate:.2g}") if rate else None
    return LrRange(
        rates=tuple(sweep.rate(step) for step in range(len(losses))),
        losses=tuple(losses),
        smoothed=tuple(smoothed.tolist()),
        steepest=steepest,
        diverged=diverged,
        suggested=suggested,
        sentence=_describe(steepest, diverged, suggested, sweep),
    )


def _find_loss_lost(smoothed: np.ndarray) -> int | None:
    """The first step at which that share of the fall is lost; the loss may later recover at a higher level."""
    fallen = smoothed[0] - np.minimum.accumulate(smoothed)
    lost = (fallen > _LOST * fallen[-1]) & (smoothed[0] - smoothed < (1 - _LOST) * fallen)
    return int(lost.argmax()) if lost.any() else None


def _find_steepest(smoothed: np.ndarray, half: int) -> int | None:
    """The step around which the loss falls most within a window; None if it never falls."""
    falls = smoothed[: -2 * half] - smoothed[2 * half :]
    return int(falls.argmax()) + half if len(falls) and falls.max() > 0 else None


def _describe(steepest: float | None, diverged: float | None, suggested: float | None, sweep: Sweep) -> str:
    if steepest is None:
        return (
            f"The loss does not fall at any rate from {sweep.first:g} to {sweep.last:g}. Use more than "
            f"{sweep.n_steps} steps, or check the labels."
        )
    falls = f"The loss falls fastest at {steepest:.2g}"
    if diverged is None:
        return (
            f"{falls} and does not diverge up to {sweep.last:g}. Set learning_rate={suggested:g}, or extend the "
            f"range (--to {10 * sweep.last:g})."
        )
    return f"{falls} and diverges from {diverged:.2g}. Set learning_rate={suggested:g}, a third of {diverged:.2g}."
