"""Calibration: a temperature and seven biases, and the mixture of a network's heads."""

from bisect import bisect_left
from functools import cache

import numpy as np

from fer_core.labels import N_EXPRESSIONS
from fer_core.models.network import Calibration, mix_heads
from fer_core.models.probabilities import softmax

_TEMPERATURES = np.geomspace(0.25, 4, 401)  # steps of 0.7 %
_SHARES = np.linspace(0, 1, 21)
_RIDGE = 0.01  # what a bias costs: few faces of a class must not move it far
_N_REPEATS = 5  # of two halves
_ENOUGH = 50  # faces; what fewer say of a temperature is chance
_ENOUGH_OF_CLASS = 10  # faces; where a class has fewer, biases would learn that it does not occur


def fit_calibration(logits: np.ndarray, y_true: np.ndarray) -> Calibration:
    """Fits a temperature, and class biases if they improve the log loss on held-out faces.

    This is decided by the log loss on held-out halves, repeated with other halves. Nothing is fitted to fewer
    than 50 faces, and no biases if an expression has fewer than 10.

    Args:
        logits: (N, 7) of faces that the network was not trained on.
        y_true: (N,) class indices.

    Source: Guo et al., On calibration of modern neural networks, 2017 (vector scaling, here with one temperature).
    """
    if len(y_true) < _ENOUGH:
        return Calibration()
    logits = logits.astype(np.float64)
    if np.bincount(y_true, minlength=N_EXPRESSIONS).min() < _ENOUGH_OF_CLASS:
        return Calibration(fit_temperature(logits, y_true))
    gains = []
    for seed in range(_N_REPEATS):
        order = np.random.default_rng(seed).permutation(len(y_true))
        for fitted, held_out in ((order[::2], order[1::2]), (order[1::2], order[::2])):
            plain = Calibration(fit_temperature(logits[fitted], y_true[fitted]))
            biased = _fit_biased(logits[fitted], y_true[fitted])
            losses = [_log_loss(c.apply(logits[held_out]), y_true[held_out]) for c in (plain, biased)]
            gains.append(losses[0] - losses[1])
    return _fit_biased(logits, y_true) if np.mean(gains) > 0 else Calibration(fit_temperature(logits, y_true))


def fit_temperature(logits: np.ndarray, y_true: np.ndarray) -> float:
    """The temperature, 0.25 to 4, at which the mean confidence equals the accuracy.

    Args:
        logits: (N, 7) of faces that the network was not trained on.
        y_true: (N,) class indices.

    Source: Clarté et al., Expectation consistency for calibration of neural networks, 2023. The log loss, which Guo et
    al. (2017) minimise instead, left networks trained with label smoothing overconfident (docs/experiments.md).
    """
    logits = logits.astype(np.float64)
    accuracy = float((logits.argmax(1) == y_true).mean())

    @cache
    def confidence(at: int) -> float:
        return float(softmax(logits / _TEMPERATURES[at]).max(1).mean())

    def find_first(at_most: float) -> int:
        """Confidence falls as the temperature rises, so bisection finds the first one."""
        return bisect_left(range(len(_TEMPERATURES)), -at_most, key=lambda at: -confidence(at))

    below = find_first(accuracy)
    around = [at for at in (below - 1, below) if 0 <= at < len(_TEMPERATURES)]
    nearest = min(around, key=lambda at: abs(confidence(at) - accuracy))
    return round(float(_TEMPERATURES[find_first(confidence(nearest))]), 4)


def fit_share(labels: np.ndarray, people: np.ndarray, voted: np.ndarray) -> float:
    """The weight of the people head, 0 to 1, in the mixture with the labels head that best predicts majority votes.

    Of equally good weights, the largest; 1 without faces.

    Args:
        labels: (N, 7) logits of the labels head, for faces that the network was not trained on.
        people: (N, 7) logits of the people head.
        voted: (N,) class indices.
    """
    hits = [(mix_heads(labels, people, share).argmax(1) == voted).sum() for share in _SHARES]
    return round(float(_SHARES[len(hits) - 1 - int(np.argmax(hits[::-1]))]), 2)


def _fit_biased(logits: np.ndarray, y_true: np.ndarray) -> Calibration:
    """Fits biases and a temperature by the log loss, then the temperature again with `fit_temperature`."""
    from scipy.optimize import minimize

    hit = np.eye(N_EXPRESSIONS)[y_true]

    def cost(values: np.ndarray) -> tuple[float, np.ndarray]:
        scale, biases = np.exp(values[0]), values[1:]
        scaled = logits * scale + biases
        gap = (softmax(scaled) - hit) / len(y_true)
        loss = _log_loss(scaled, y_true) + _RIDGE * float(biases @ biases)
        return loss, np.concatenate([[(gap * logits).sum() * scale], gap.sum(0) + 2 * _RIDGE * biases])

    values = minimize(cost, np.zeros(N_EXPRESSIONS + 1), jac=True, method="L-BFGS-B").x
    scaled = logits * np.exp(values[0]) + values[1:]
    again = fit_temperature(scaled, y_true)
    biases = tuple(round(float(bias), 4) for bias in values[1:] / again)
    temperature = np.clip(again / np.exp(values[0]), _TEMPERATURES[0], _TEMPERATURES[-1])  # few faces: 0 would fit best
    return Calibration(round(float(temperature), 4), biases)


def _log_loss(logits: np.ndarray, y_true: np.ndarray) -> float:
    probs = softmax(logits)
    return float(-np.log(np.clip(probs[np.arange(len(y_true)), y_true], 1e-12, 1)).mean())
