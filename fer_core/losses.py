"""What a training makes small: cross-entropy against shares, weighted by class and by difficulty."""

import torch
from torch import Tensor

from fer_core.class_weights import weigh_faces
from fer_core.config import TrainConfig
from fer_core.labels import N_EXPRESSIONS


def compute_loss(logits: Tensor, targets: Tensor, votes: Tensor, config: TrainConfig, weights: Tensor | None) -> Tensor:
    """The mean loss of a batch, a scalar.

    Args:
        logits: (B, 7), or (B, 14) of two heads, the second of which is to say what people voted.
        targets: (B, 7) shares, for the first head.
        votes: (B, 7) shares, for the second. In both a row of 0 counts nothing; `fer_core.head_targets.keep_taught`
            scales the others, so that the mean is one over the faces that teach the head.
        config: `focal_gamma` turns down what is right already (Lin et al., Focal Loss, 2017); 0: cross-entropy.
            `votes_weight` is what the second head's loss is multiplied by.
        weights: (7,) of the classes for the first head, or None.
    """
    log_probs = logits[:, :N_EXPRESSIONS].float().log_softmax(1)
    losses = -targets * log_probs
    if config.focal_gamma:
        losses = losses * (1 - log_probs.exp()) ** config.focal_gamma
    if weights is not None:
        losses = losses * weights
    loss = losses.sum(1).mean()
    if logits.shape[1] > N_EXPRESSIONS:
        voted = -votes * logits[:, N_EXPRESSIONS:].float().log_softmax(1)
        loss = loss + config.votes_weight * voted.sum(1).mean()
    return loss


def weigh_classes(labels: Tensor, balance: str) -> Tensor | None:
    """(7,) weights of the classes for the loss (`fer_core.class_weights`), or None where the loss is not weighted."""
    if balance not in ("class_weights", "effective_number"):
        return None
    counts = torch.bincount(labels, minlength=N_EXPRESSIONS).numpy()
    return torch.from_numpy(weigh_faces(counts, balance)).float()
