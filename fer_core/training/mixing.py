"""Mixup and CutMix: training faces combined from two, with the targets of both."""

import numpy as np
import torch

from fer_core.runs.config import TrainConfig
from fer_core.training.loader import Batch


def mix(batch: Batch, config: TrainConfig, seed: int) -> Batch:
    """The batch with each face mixed with another one; mixup or CutMix at random if both are on.

    The larger share is always the face itself, so its label remains the batch's label.

    Args:
        batch: of B faces.
        config: `mixup` and `cutmix` are the two parameters of the Beta distribution that the share is drawn from.
        seed: of this step.

    Sources: Zhang et al., mixup, 2018; Yun et al., CutMix, 2019.
    """
    rng = np.random.default_rng(seed)
    cut = bool(config.cutmix) and (not config.mixup or rng.random() < 0.5)
    share = rng.beta(config.cutmix, config.cutmix) if cut else rng.beta(config.mixup, config.mixup)
    share = max(share, 1 - share)
    other = torch.from_numpy(rng.permutation(len(batch.x))).to(batch.x.device)
    if cut:
        x, share = _cut(batch.x, other, share, rng)
    else:
        x = torch.lerp(batch.x[other], batch.x, share)
    shares = {name: getattr(batch, name) for name in ("targets", "votes", "teacher")}
    mixed = {name: torch.lerp(own[other], own, share) for name, own in shares.items() if own is not None}
    return batch._replace(x=x, **mixed)


def _cut(x: torch.Tensor, other: torch.Tensor, share: float, rng: np.random.Generator) -> tuple[torch.Tensor, float]:
    """Pastes a rectangle of about 1 - share of the other face into each face; returns the remaining share."""
    side = x.shape[-1]
    cut = round(side * (1 - share) ** 0.5)
    top, left = rng.integers(0, side - cut + 1, 2)
    x = x.clone()
    x[..., top : top + cut, left : left + cut] = x[other][..., top : top + cut, left : left + cut]
    return x, 1 - (cut / side) ** 2
