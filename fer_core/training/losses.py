"""Training losses: cross-entropy against shares, weighted by class and by difficulty."""

import torch
from torch import Tensor

from fer_core.datasets.class_weights import weigh_faces
from fer_core.labels import N_EXPRESSIONS
from fer_core.runs.config import TrainConfig


def compute_loss(
    logits: Tensor,
    targets: Tensor,
    votes: Tensor,
    config: TrainConfig,
    weights: Tensor | None,
    teacher: Tensor | None = None,
) -> Tensor:
    """The mean loss of a batch, a scalar.

    Args:
        logits: (B, 7), or (B, 14) for two heads, the second of which predicts the votes.
        targets: (B, 7) shares, for the first head.
        votes: (B, 7) shares, for the second. In both, a row of 0 contributes nothing;
            `fer_core.training.head_targets.keep_taught` scales the others, so that the mean is over the faces that
            train the head.
        config: `focal_gamma` down-weights well-classified faces (Lin et al., Focal Loss, 2017); 0: cross-entropy.
            `votes_weight` is the weight of the second head's loss. `teacher_share` is the share of the first
            head's loss that compares with the teacher, softened by `teacher_temperature`.
        weights: (7,) of the classes for the first head, or None.
        teacher: (B, 7) softened shares for the first head, or None.
    """
    first = logits[:, :N_EXPRESSIONS].float()
    losses = _cross_entropy(first, targets, config.focal_gamma, weights)
    if teacher is not None:
        losses = torch.lerp(losses, _distil(first, teacher, config, weights), config.teacher_share)
    loss = losses.mean()
    if logits.shape[1] > N_EXPRESSIONS:
        loss = loss + config.votes_weight * _cross_entropy(logits[:, N_EXPRESSIONS:].float(), votes, 0, None).mean()
    return loss


def _cross_entropy(logits: Tensor, shares: Tensor, focal_gamma: float, weights: Tensor | None) -> Tensor:
    """(B,) losses of (B, 7) logits against (B, 7) shares."""
    log_probs = logits.log_softmax(1)
    losses = -shares * log_probs
    if focal_gamma:
        losses = losses * (1 - log_probs.exp()) ** focal_gamma
    if weights is not None:
        losses = losses * weights
    return losses.sum(1)


def _distil(logits: Tensor, teacher: Tensor, config: TrainConfig, weights: Tensor | None) -> Tensor:
    """(B,) losses against softened shares, both sides at the temperature T and the gradient multiplied by T squared.

    T squared makes up for the gradients that softening shrinks by as much (Hinton et al., 2015). The shares' entropy
    is taken off T squared - 1 times, which no gradient sees: the loss stays on the scale of a cross-entropy, and at
    T = 1 it is one.
    """
    squared = config.teacher_temperature**2
    losses = _cross_entropy(logits / config.teacher_temperature, teacher, config.focal_gamma, weights)
    return squared * losses - (squared - 1) * torch.special.entr(teacher).sum(1)


def weigh_classes(labels: Tensor, balance: str) -> Tensor | None:
    """(7,) weights of the classes for the loss, or None where it is not weighted (see `class_weights`)."""
    if balance not in ("class_weights", "effective_number"):
        return None
    counts = torch.bincount(labels, minlength=N_EXPRESSIONS).numpy()
    return torch.from_numpy(weigh_faces(counts, balance)).float()
