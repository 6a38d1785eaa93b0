"""Faces that teach one head and not the other: the people head's targets, and means over the faces that count."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.datasets.class_weights import weigh_faces
from fer_core.labels import N_EXPRESSIONS
from fer_core.runs.config import TrainConfig


def add_labels(votes: Tensor, labels: Tensor, labelled: Tensor, config: TrainConfig) -> Tensor:
    """(n, 7) float32, for the people head: the votes, and where a label teaches it, that label.

    A label is smoothed (`label_smoothing`), votes never are: they are soft already. A label's row is multiplied by the
    weight of its class (`people_balance`), which is 1 on average over those faces; the balance "sampler" draws rare
    classes more often, so that they are not weighted too.

    Args:
        votes: (n, 7) shares, all 0 where nobody voted.
        labels: (n,) int64.
        labelled: (n,) bool, the faces whose label teaches the people head.
        config: of the training.
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
    """(B, 7): the targets of a whole batch, with a row of 0 for each face that does not teach the head.

    The other rows grow by B / n, where n faces teach it, so that the mean loss over the batch is the mean over those n.
    Being linear, this stays so when faces are mixed, or shared among processes as equal parts of the batch.

    Args:
        targets: (B, 7).
        taught: (B,) bool.
    """
    return targets * (taught * (len(taught) / taught.sum().clamp(min=1)))[:, None]
