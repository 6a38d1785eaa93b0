"""The weight of a face of each class in training, by the size of the class. No torch here."""

from typing import Literal, get_args

import numpy as np

Weighting = Literal["none", "class_weights", "effective_number", "sampler"]  # the choices of a config's `balance`
WEIGHTINGS: tuple[str, ...] = get_args(Weighting)
_BETA = 0.9999  # of Cui et al.'s effective number


def count_worth(counts: np.ndarray) -> np.ndarray:
    """(K,) effective numbers of different faces, at most 10,000.

    Source: Cui et al., Class-Balanced Loss Based on Effective Number of Samples, 2019; their beta is 0.9999 here.
    """
    return (1 - _BETA**counts) / (1 - _BETA)


def weigh_faces(counts: np.ndarray, balance: str) -> np.ndarray:
    """(K,) weights of a face of each class, 1 on average over the faces; 0 for an empty class.

    Args:
        counts: (K,) training faces of each class.
        balance: none: 1 each. class_weights: inverse to the class's count. square_root: to its
            root. effective_number: inverse to `count_worth`.
            sampler: how often the face is drawn per epoch on average, equal to class_weights.

    Raises:
        KeyError: for an unknown balance.
    """
    counts = counts.astype(np.float64)
    worth = {
        "none": np.ones_like(counts),
        "class_weights": counts,
        "square_root": np.sqrt(counts),
        "effective_number": count_worth(counts),
        "sampler": counts,
    }[balance]
    weights = np.divide(1, worth, out=np.zeros_like(counts), where=counts > 0)
    return weights * counts.sum() / max((weights * counts).sum(), 1)
