"""Scores from labels and probabilities, with the same names in files, --json documents and pages."""

import math
from collections.abc import Sequence

import numpy as np

from fer_core.base.text import count_of
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS
from fer_core.runs.report import ClassScores, Scores, SplitReport

N_BINS = 15
Z_95 = 1.959964  # two-sided 95 % of a normal distribution
CLASS_SCORES = ("precision", "recall", "f1")


def count_confusion(y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
    """(7, 7) counts, rows true, columns predicted."""
    return np.bincount(y_true * N_EXPRESSIONS + y_pred, minlength=N_EXPRESSIONS**2).reshape(N_EXPRESSIONS, -1)


def score_classes(confusion: np.ndarray) -> tuple[ClassScores, ...]:
    """Precision, recall and F1 of each class, in the order of EXPRESSIONS.

    All three are None for a class without faces, where 0 would be wrong. Precision is 0, as
    in scikit-learn, for a class with faces that was never predicted.
    """
    hits = np.diag(confusion).astype(float)
    n_true, n_pred = confusion.sum(1), confusion.sum(0)
    precision = hits / np.maximum(n_pred, 1)
    recall = hits / np.maximum(n_true, 1)
    f1 = _score_f1(confusion)
    return tuple(
        ClassScores(
            expression=name,
            n=int(n),
            **dict(zip(CLASS_SCORES, map(float, values) if n else (None, None, None), strict=True)),
        )
        for name, n, *values in zip(EXPRESSIONS, n_true, precision, recall, f1, strict=True)
    )


def class_score(scores: ClassScores, name: str) -> float | None:
    """One of CLASS_SCORES in an entry of `score_classes`; None without faces, even if an old report has 0."""
    return getattr(scores, name) if scores.n else None


def count_averaged(confusion: Sequence[Sequence[int]] | np.ndarray) -> tuple[int, int]:
    """The numbers of classes over which macro_f1 and balanced_accuracy of a (7, 7) confusion are averaged."""
    counts = np.asarray(confusion)
    return int((counts.any(0) | counts.any(1)).sum()), int(counts.any(1).sum())


def say_averaged(scores: Scores) -> tuple[str, str]:
    """The numbers of classes of macro_f1 and balanced_accuracy, such as "7 classes", as cards and commands write them.

    They are "an unknown number of classes" if the report has no confusion matrix.
    """
    if not scores.confusion:
        return ("an unknown number of classes",) * 2
    n_f1, n_recall = count_averaged(scores.confusion)
    return count_of(n_f1, "class"), count_of(n_recall, "class")


def _score_f1(confusion: np.ndarray) -> np.ndarray:
    """(7,) F1; 0 for classes that are neither labelled nor predicted, or never predicted correctly."""
    return 2 * np.diag(confusion) / np.maximum(confusion.sum(1) + confusion.sum(0), 1)


def expected_calibration_error(probs: np.ndarray, y_true: np.ndarray) -> float:
    """The expected calibration error, 0 to 1: |confidence - accuracy| averaged over 15 equal bins by share of faces.

    Source: Guo et al., On Calibration of Modern Neural Networks, 2017.
    """
    confidence, hit = probs.max(1), probs.argmax(1) == y_true
    gap = _sum_bins(confidence, hit - confidence)
    return float(np.abs(gap).sum() / max(len(y_true), 1))


def calibration_floor(probs: np.ndarray, n_draws: int = 100) -> tuple[float, float]:
    """(mean, 95th percentile) of the calibration error of a perfectly calibrated network with these confidences.

    It is above 0 because bins have few faces: an error below the second number is not significant.

    Args:
        probs: (N, 7).
        n_draws: number of simulations in which each face is correct with a probability equal to its confidence.
    """
    confidence, rng = probs.max(1), np.random.default_rng(0)
    errors = [
        np.abs(_sum_bins(confidence, (rng.random(len(confidence)) < confidence) - confidence)).sum() / len(confidence)
        for _ in range(n_draws)
    ]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def _sum_bins(confidence: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(N_BINS,) sums of the values of the faces in each confidence bin."""
    return np.bincount(np.minimum((confidence * N_BINS).astype(int), N_BINS - 1), values, N_BINS)


def wilson_interval(share: float, n: int) -> tuple[float, float]:
    """(low, high) of the 95 % score interval of a share of n faces, all 0 to 1.

    Source: Wilson, Probable inference, the law of succession, and statistical inference, 1927.

    Raises:
        ValueError: if n is not positive.
    """
    if n <= 0:
        raise ValueError(f"an interval needs at least one face, got n = {n}")
    spread = Z_95 * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n**2))
    middle, scale = share + Z_95**2 / (2 * n), 1 + Z_95**2 / n
    return max((middle - spread) / scale, 0.0), min((middle + spread) / scale, 1.0)


def score(probs: np.ndarray, y_true: np.ndarray) -> Scores:
    """All scores of one split.

    The means are defined as in scikit-learn. macro_f1 averages the classes that were labelled or predicted
    (`macro_f1_n_classes` of them): a class without faces that was predicted counts with F1 0, although
    its own entry has None. balanced_accuracy is the mean recall of the classes with faces
    (`balanced_accuracy_n_classes`).

    Args:
        probs: (N, 7), rows sum to 1.
        y_true: (N,) indices into EXPRESSIONS.
    """
    n = len(y_true)
    if n == 0:
        raise ValueError("cannot score a split without faces")
    confusion = count_confusion(y_true, probs.argmax(1))
    classes = score_classes(confusion)
    n_f1, n_recall = count_averaged(confusion)
    floor, floor_95 = calibration_floor(probs)
    return Scores(
        n=n,
        accuracy=float(np.trace(confusion) / n),
        macro_f1=float(_score_f1(confusion).sum() / n_f1),
        macro_f1_n_classes=n_f1,
        balanced_accuracy=float(np.mean([each.recall for each in classes if each.recall is not None])),
        balanced_accuracy_n_classes=n_recall,
        nll=abs(float(np.log(np.clip(probs[np.arange(n), y_true], 1e-12, 1)).mean())),
        ece=expected_calibration_error(probs, y_true),
        ece_floor=floor,
        ece_floor_95=floor_95,
        classes=classes,
        confusion=confusion.tolist(),
    )


def score_with_copies(
    probs: np.ndarray,
    y_true: np.ndarray,
    copy_in_train: np.ndarray | None,
    near_copy_in_train: np.ndarray | None = None,
) -> SplitReport:
    """`score`, with the accuracy on faces that the network was not trained on and on those that it was trained on.

    If near copies are known, also the accuracy on faces without near copies in training. An accuracy on
    no faces is None; number and accuracy are None if it is unknown which faces the network was trained on.
    """
    hit = probs.argmax(1) == y_true
    without = None if copy_in_train is None else ~copy_in_train
    parts = {"without_copies": without, "on_copies": copy_in_train}
    if copy_in_train is None or near_copy_in_train is not None:
        parts["without_near_copies"] = None if near_copy_in_train is None else ~near_copy_in_train
    found: dict[str, float | None] = {}
    for name, chosen in parts.items():
        found[f"n_{name}"] = None if chosen is None else int(chosen.sum())
        found[f"accuracy_{name}"] = float(hit[chosen].mean()) if chosen is not None and chosen.any() else None
    return SplitReport.model_validate({**score(probs, y_true).to_fields(), **found})
