"""Faces that train only one head: the targets of the people head, and means over the faces that train each head."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.datasets.class_weights import weigh_faces
from fer_core.labels import N_EXPRESSIONS
from fer_core.runs.config import TrainConfig


def add_labels(votes: Tensor, labels: Tensor, labelled: Tensor, config: TrainConfig) -> Tensor:
    """(n, 7) float32 targets of the people head: the votes, or the label where that trains the head.

    Labels are smoothed (`label_smoothing`), votes are not: they are soft already. A label's row is multiplied by the
    weight of its class (`people_balance`), which is 1 on average over those faces; the balance "sampler" draws rare
    classes more often, so that they are not weighted too.

    Args:
        votes: (n, 7) shares, all 0 without votes.
        labels: (n,) int64.
        labelled: (n,) bool, the faces whose label trains the people head.
        config: of the run.
    """
    if not labelled.any():
        return votes
    smoothing = config.label_smoothing
    shares = F.one_hot(labels, N_EXPRESSIONS).float() * (1 - smoothing) + smoothing / N_EXPRESSIONS
    counts = torch.bincount(labels[labelled], minlength=N_EXPRESSIONS).cpu().numpy()
    balance = "none" if config.balance == "sampler" else config.people_balance
    weights = torch.from_numpy(weigh_faces(counts, balance)).float().to(labels.device)[labels]
    return torch.where(labelled[:, None], shares * weights[:, None], votes)


def keep_taught(targets: Tensor, taught: Tensor) -> Tensor:
    """(B, 7): the targets of a whole batch, with a row of 0 for each face that does not train the head.

    The other rows are scaled by B / n, where n faces train it, so the mean loss over the batch is that over these n.
    Being linear, this stays so when faces are mixed, or shared among processes as equal parts of the batch.

    Args:
        targets: (B, 7).
        taught: (B,) bool.
    """
    return targets * (taught * (len(taught) / taught.sum().clamp(min=1)))[:, None]
