"""Greedy ensemble selection: which members improve the mean, and with what weights. No torch here."""

from dataclasses import dataclass

import numpy as np

N_PICKS = 25


@dataclass(frozen=True)
class Pick:
    """One added member, and the validation scores of the mean of all picks so far."""

    member: int
    accuracy: float
    nll: float

    @property
    def rank(self) -> tuple[float, float]:
        """Sort key, greater is better: accuracy, then log loss."""
        return self.accuracy, -self.nll


def select_greedily(probs: np.ndarray, y_true: np.ndarray, n_picks: int = N_PICKS) -> list[Pick]:
    """The picks in order, the best single member first. A member picked several times gets a larger weight.

    Args:
        probs: (M, N, 7) of M members on N validation faces.
        y_true: (N,) class indices.
        n_picks: number of picks to try; those after the best mean are dropped.

    Source: Caruana et al., Ensemble Selection from Libraries of Models, 2004, without their bagging of members.
    """
    total, picks = np.zeros_like(probs[0]), []
    for n in range(1, n_picks + 1):
        tried = [_judge(member, (total + own) / n, y_true) for member, own in enumerate(probs)]
        picks.append(max(tried, key=lambda pick: pick.rank))
        total = total + probs[picks[-1].member]
    best = max(range(n_picks), key=lambda i: picks[i].rank)
    return picks[: best + 1]


def _judge(member: int, probs: np.ndarray, y_true: np.ndarray) -> Pick:
    right = np.clip(probs[np.arange(len(y_true)), y_true], 1e-12, 1)
    nll = round(float(-np.log(right).mean()), 9)  # so that rounding errors do not decide between equal means
    return Pick(member, float((probs.argmax(1) == y_true).mean()), nll)
