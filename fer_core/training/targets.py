"""Training targets: the label of each face, smoothed or mixed with votes, and the teachers' predictions."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.datasets.dataset import Dataset
from fer_core.labels import N_EXPRESSIONS
from fer_core.runs.config import TrainConfig


def build_votes(dataset: Dataset, rows: np.ndarray) -> Tensor:
    """(n, 7) float32 shares of the votes on each of the n faces, summing to 1; all 0 without votes."""
    votes = dataset.votes
    if votes is None:
        return torch.zeros(len(rows), N_EXPRESSIONS)
    return torch.from_numpy(np.nan_to_num(votes[rows]))


def build_targets(dataset: Dataset, rows: np.ndarray, config: TrainConfig) -> Tensor:
    """(n, 7) float32 shares, each row summing to 1.

    Args:
        dataset: its votes are used if `soft_labels` is set; a face without votes keeps its label.
        rows: the n training faces.
        config: `label_smoothing`, `soft_labels`.

    Sources: smoothing, Szegedy et al. 2016; votes, Barsoum et al. 2016 (FER+).
    """
    labels = torch.from_numpy(dataset.labels[rows])
    targets = F.one_hot(labels, N_EXPRESSIONS).float()
    if config.label_smoothing:
        targets = targets * (1 - config.label_smoothing) + config.label_smoothing / N_EXPRESSIONS
    votes = dataset.votes if config.soft_labels else None
    if votes is not None:
        shares = torch.from_numpy(votes[rows])
        known = shares.isfinite().all(1)
        targets[known] = torch.lerp(targets[known], shares[known], config.soft_labels)
    return targets


def soften(probs: Tensor, temperature: float) -> Tensor:
    """(..., 7) float32: the softmax at that temperature of the logits of (..., 7) probabilities."""
    powers = probs.float() ** (1 / temperature)
    return powers / powers.sum(-1, keepdim=True)
