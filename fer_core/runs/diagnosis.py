"""Diagnosis of training curves: one sentence with a next step. No torch here."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from fer_core.base.text import count_of, percent
from fer_core.runs.config import TrainConfig
from fer_core.runs.info import EpochLine
from fer_core.runs.run import find_best

Verdict = Literal["underfitting", "still improving", "good fit", "overfitting", "unstable", "too early to say"]

MIN_EPOCHS = 5  # a line through fewer points has no slope to speak of
RECENT = 0.2  # share of the epochs, MIN_EPOCHS at least, that "lately" means
OVERFIT_GAP = 0.10  # every tenth face is right only because it was trained on; seven times the standard error below
NO_GAP = 0.04  # three standard errors of a difference between the accuracies on 2,000 and on 3,589 faces
UNDERFIT_ACCURACY = 0.65  # what people reach on FER2013 (Goodfellow et al., 2013: 65 +- 5 %)
IMPROVING_SLOPE = 0.002  # accuracy an epoch: one point in five epochs
UNSTABLE_SPREAD = 0.05  # standard deviation around the trend; a steady training has about 0.01
RISEN_LOSS = 1.05  # times the lowest validation loss; from one epoch to the next a steady one moves by about 2 %
RISEN_EPOCHS = 3  # the last ones, averaged, that must be so high: a single one may be chance
HELD_ACCURACY = 0.02  # below the best; two standard errors on 3,589 faces are 0.015
ANNEALED = 0.8  # of a schedule that falls to 0: from here the rate is below a fifth of its peak, and things settle


@dataclass(frozen=True, kw_only=True)
class Signs:
    """The numbers read from the curves that the verdict is based on.

    Gaps are training minus validation accuracy, and validation minus training loss, without augmentation. They are
    None, like train_accuracy, for a run that did not score training faces without augmentation.

    Attributes:
        best_epoch: from 1; its weights are kept.
        last_epoch: from 1.
        train_accuracy: at the best epoch.
        val_accuracy: at the best epoch.
        accuracy_gap: at the best epoch.
        loss_gap: at the best epoch.
        last_accuracy_gap: at the last epoch.
        last_loss_gap: at the last epoch.
        loss_risen_since: epoch of the lowest validation loss if the loss has clearly risen since; else None.
        accuracy_held: whether recent validation accuracy is close to its best.
        val_slope: recent gain in validation accuracy per epoch.
        val_spread: standard deviation of the validation accuracy around that slope.
    """

    best_epoch: int
    last_epoch: int
    train_accuracy: float | None
    val_accuracy: float
    accuracy_gap: float | None
    loss_gap: float | None
    last_accuracy_gap: float | None
    last_loss_gap: float | None
    loss_risen_since: int | None
    accuracy_held: bool
    val_slope: float
    val_spread: float


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """A verdict, a finding and a next step (one sentence each), and the signs; None with too few epochs.

    `note` is a sentence on what no curve shows, such as an expression without training faces; often "".
    """

    verdict: Verdict
    finding: str
    next_step: str
    signs: Signs | None = None
    note: str = ""

    @property
    def sentence(self) -> str:
        """Finding, next step and note."""
        return f"{self.finding} {self.next_step} {self.note}".rstrip()

    def to_dict(self) -> dict[str, object]:
        """The document that `--json` prints."""
        return {"verdict": self.verdict, "sentence": self.sentence, "signs": self.signs and asdict(self.signs)}


def diagnose(epochs: Sequence[EpochLine], config: TrainConfig, note: str = "") -> Diagnosis:
    """The diagnosis of a run from its epochs so far.

    Args:
        epochs: the epoch lines of its metrics.jsonl.
        config: of the run; remedies that it already uses are not suggested.
        note: the result of `fer_core.runs.absent.explain_absent` for the run.
    """
    if len(epochs) < MIN_EPOCHS:
        wait = f"Wait for {MIN_EPOCHS} epochs." if config.epochs >= MIN_EPOCHS else "Train for more (epochs=24)."
        n = count_of(len(epochs), "epoch")
        return Diagnosis(
            verdict="too early to say",
            finding=f"After {n} the curves are not yet informative.",
            next_step=wait,
            note=note,
        )
    signs = read_signs(epochs)
    verdict = _judge(signs, config)
    return Diagnosis(
        verdict=verdict,
        finding=_describe(signs, verdict),
        next_step=_advise(signs, verdict, config),
        signs=signs,
        note=note,
    )


def read_signs(epochs: Sequence[EpochLine]) -> Signs:
    """The signs of at least MIN_EPOCHS epoch lines."""
    best, last = epochs[find_best(epochs)], epochs[-1]
    accuracies = np.array([line.val_accuracy for line in epochs])
    losses = np.array([line.val_loss for line in epochs])
    lately = accuracies[-max(MIN_EPOCHS, round(RECENT * len(epochs))) :]
    slope, start = np.polyfit(np.arange(len(lately)), lately, 1)
    lowest = int(losses.argmin())
    risen = lowest < len(losses) - RISEN_EPOCHS and losses[-RISEN_EPOCHS:].mean() > RISEN_LOSS * losses[lowest]
    return Signs(
        best_epoch=best.epoch,
        last_epoch=last.epoch,
        train_accuracy=best.train_clean_accuracy,
        val_accuracy=best.val_accuracy,
        accuracy_gap=read_gap(best, "accuracy"),
        loss_gap=read_gap(best, "loss"),
        last_accuracy_gap=read_gap(last, "accuracy"),
        last_loss_gap=read_gap(last, "loss"),
        loss_risen_since=epochs[lowest].epoch if risen else None,
        accuracy_held=bool(lately.mean() > accuracies.max() - HELD_ACCURACY),
        val_slope=round(float(slope), 6),
        val_spread=round(float(np.std(lately - start - slope * np.arange(len(lately)))), 6),
    )


def read_gap(line: EpochLine, metric: Literal["loss", "accuracy"]) -> float | None:
    """How far training is ahead of validation in one epoch line; None if training faces were not scored."""
    train = getattr(line, f"train_clean_{metric}")
    if train is None:
        return None
    gap = train - getattr(line, f"val_{metric}")
    return round(gap if metric == "accuracy" else -gap, 6)


def _judge(signs: Signs, config: TrainConfig) -> Verdict:
    gap = signs.last_accuracy_gap
    if signs.val_spread > UNSTABLE_SPREAD:
        return "unstable"
    if signs.val_slope > IMPROVING_SLOPE:
        return "still improving"
    if signs.loss_risen_since and (gap is None or gap > NO_GAP):
        return "overfitting"
    if gap is None:
        return "too early to say"
    if gap > OVERFIT_GAP:
        return "overfitting"
    if config.schedule in ("one_cycle", "cosine") and signs.last_epoch < ANNEALED * config.epochs:
        return "too early to say"
    missed = signs.train_accuracy is not None and signs.train_accuracy < UNDERFIT_ACCURACY
    return "underfitting" if missed and gap < NO_GAP else "good fit"


def _describe(signs: Signs, verdict: Verdict) -> str:
    if signs.train_accuracy is None:
        parts = [f"Validation {percent(signs.val_accuracy)} at epoch {signs.best_epoch}, training accuracy unknown"]
    else:
        train, val = percent(signs.train_accuracy), percent(signs.val_accuracy)
        parts = [f"Train {train} against {val} validation at epoch {signs.best_epoch}"]
    if signs.last_accuracy_gap is not None and signs.last_accuracy_gap > (signs.accuracy_gap or 0) + NO_GAP:
        parts.append(f"{100 * signs.last_accuracy_gap:.0f} points apart at epoch {signs.last_epoch}")
    if signs.loss_risen_since:
        held = " while the accuracy stayed level" if signs.accuracy_held else ""
        parts.append(f"and the validation loss has risen since epoch {signs.loss_risen_since}{held}")
    meaning = {
        "underfitting": "it does not fit its own training faces",
        "still improving": f"validation still gains {100 * signs.val_slope:.1f} points an epoch",
        "good fit": "validation has levelled off close to training",
        "overfitting": "it memorises training faces",
        "unstable": f"validation jumps by {100 * signs.val_spread:.0f} points from epoch to epoch",
        "too early to say": "validation has stalled, possibly temporarily",
    }[verdict]
    return f"{', '.join(parts)}: {meaning}."


def _advise(signs: Signs, verdict: Verdict, config: TrainConfig) -> str:
    if verdict == "overfitting":
        ways = [
            "" if config.mixup else "mixup=0.2",
            "" if config.dropout >= 0.3 else "dropout=0.3",
            f"more weight_decay (it is {config.weight_decay:g})",
            "" if config.early_stopping else "or stop earlier (early_stopping=10)",
        ]
        return f"Try {', '.join(filter(None, ways))}."
    if verdict == "unstable":
        ways = ["" if config.clip_norm else "clip_norm=1", "" if config.ema else "ema=0.998"]
        lower = f"a lower learning_rate (it is {config.learning_rate:g}; fer lr-range finds one)"
        return f"Try {', '.join(filter(None, [lower, *ways]))}."
    if verdict == "underfitting":
        return "Try another learning_rate (fer lr-range finds one), more epochs, less augmentation or a larger network."
    if verdict == "good fit":
        return "Look at its errors; more faces or a larger network may improve it further."
    if signs.last_epoch < config.epochs:
        return "Let the run continue."
    if verdict == "still improving":
        return f"Train longer (epochs={2 * config.epochs})."
    return "Train it again: this version scores training faces without augmentation, which shows the gap."
