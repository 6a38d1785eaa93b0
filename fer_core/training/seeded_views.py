"""Views of the training faces that are drawn once, so that teacher and student see exactly the same ones."""

import numpy as np
import torch
from torch import Tensor

from fer_core.runs.config import TrainConfig
from fer_core.training.augment import Boxes, Transforms, draw_transforms


class SeededViews:
    """V random views of each of n faces. View v is drawn from (seed, v) for all faces at once, one row per face.

    Attributes:
        n_views: V.
        transforms: of all V * n views; view v of face i is row v * n + i.
    """

    def __init__(self, n: int, face_px: int, config: TrainConfig) -> None:
        self.n, self.n_views = n, config.teacher_views
        crop = config.crop_px or face_px
        generators = [torch.Generator().manual_seed(_view_seed(config.seed, view)) for view in range(self.n_views)]
        self.transforms = _join([draw_transforms(n, face_px, crop, config, generator) for generator in generators])

    def pick(self, views: Tensor, faces: Tensor) -> Transforms:
        """View views[j] of face faces[j] for each j; both (B,) int64, on the CPU."""
        return self.transforms.pick(views * self.n + faces)


def _view_seed(seed: int, view: int) -> int:
    return int(np.random.SeedSequence(seed, spawn_key=(view,)).generate_state(1, np.uint64)[0] >> 1)


def _join(parts: list[Transforms]) -> Transforms:
    boxes = [part.boxes for part in parts if part.boxes]
    return Transforms(
        torch.cat([part.theta for part in parts]),
        _join_drawn([part.gain for part in parts]),
        _join_drawn([part.light for part in parts]),
        Boxes(*map(torch.cat, zip(*boxes, strict=True))) if boxes else None,
    )


def _join_drawn(parts: list[Tensor | None]) -> Tensor | None:
    """The drawn parts joined; None if nothing was drawn."""
    drawn = [part for part in parts if part is not None]
    return torch.cat(drawn) if drawn else None
