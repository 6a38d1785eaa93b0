"""Logits to probabilities, and the mean of several networks' probabilities. No torch here."""

from collections.abc import Sequence

import numpy as np


def softmax(logits: np.ndarray) -> np.ndarray:
    """(N, C) logits -> (N, C) probabilities that sum to 1 a row."""
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def mean_logits(each: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """(N, 7) float32 logits whose softmax is the weighted mean of the members' probabilities.

    Args:
        each: the members' (N, 7) logits.
        weights: of the members in the mean.
    """
    probs = np.average([softmax(logits.astype(np.float64)) for logits in each], 0, weights)
    return np.log(np.maximum(probs, 1e-30)).astype(np.float32)
