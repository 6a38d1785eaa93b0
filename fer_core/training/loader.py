"""Serves an assembled data set on the device in batches whose randomness depends only on seed and step."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from fer_core.datasets.dataset import Dataset
from fer_core.models.preprocess import Light, Preprocessing
from fer_core.models.weights import pretrained_statistics
from fer_core.runs.config import TrainConfig
from fer_core.runs.masks import is_masked, mask_faces
from fer_core.training.augment import augment, render
from fer_core.training.head_targets import add_labels, keep_taught
from fer_core.training.seeded_views import SeededViews
from fer_core.training.targets import build_targets, build_votes, soften

_BEYOND = 0.05  # share of the training faces that are darker than the limit, and of those that are brighter, and so on


class Batch(NamedTuple):
    """The faces of one step.

    Attributes:
        x: (B, C, S, S) float32.
        labels: (B,) int64; -1 for a face that does not train the labels head.
        targets: (B, 7) float32 shares, for the labels head; all 0 for a face that does not train it.
        votes: (B, 7) float32 shares, for the people head; all 0 for a face that does not train it. Both are scaled
            by `fer_core.training.head_targets.keep_taught`.
        teacher: (B, 7) float32 softened shares, the teachers' predictions for the same views; None without teacher.
            They also cover faces that do not train the labels head.
    """

    x: Tensor
    labels: Tensor
    targets: Tensor
    votes: Tensor
    teacher: Tensor | None = None

    def part(self, rows: slice) -> "Batch":
        """A batch of some of the faces."""
        teacher = None if self.teacher is None else self.teacher[rows]
        return Batch(self.x[rows], self.labels[rows], self.targets[rows], self.votes[rows], teacher)


class TrainBatches:
    """The training split as augmented batches.

    Everything random in step k is drawn from (seed, k), so a resumed run continues exactly as if it had
    never stopped, at any step. If teachers have classified seeded views, a face is shown as one of those.

    Args:
        dataset: source of the training faces.
        config: of the run.
        preprocessing: of the network.
        device: where the faces are stored.
        teacher_probs: (n, V, 7) for V views of the n training faces (`fer_core.training.teacher`); V is 1 for
            the plain faces.
    """

    def __init__(
        self,
        dataset: Dataset,
        config: TrainConfig,
        preprocessing: Preprocessing,
        device: str,
        teacher_probs: np.ndarray | None = None,
    ) -> None:
        rows = dataset.rows("train")
        self.faces = torch.from_numpy(dataset.faces[rows]).to(device)  # (N, H, W) uint8
        self.labels = torch.from_numpy(dataset.labels[rows]).to(device)  # (N,) int64
        self.targets = build_targets(dataset, rows, config).to(device)  # (N, 7) float32
        masks = mask_faces(dataset, rows, config)
        self.taught = torch.from_numpy(masks.labels).to(device)  # (N,) bool, teach the labels head
        labelled = torch.from_numpy(masks.labelled).to(device)
        self.votes = add_labels(build_votes(dataset, rows).to(device), self.labels, labelled, config)  # (N, 7) float32
        self.teacher: Tensor | None = None  # (N, V, 7) float32
        self.views: SeededViews | None = None
        if teacher_probs is not None and _is_blended(config):
            self.targets = torch.lerp(
                self.targets, torch.from_numpy(teacher_probs[:, 0]).to(device), config.teacher_share
            )
        elif teacher_probs is not None:
            self.teacher = soften(torch.from_numpy(teacher_probs), config.teacher_temperature).to(device)
            if config.teacher_views > 1:
                self.views = SeededViews(len(rows), dataset.faces.shape[-1], config)
        self.config = config
        self.preprocessing = preprocessing
        self.steps_per_epoch = max(1, len(rows) // config.batch_size)  # the last, smaller batch is dropped

    def epoch(self, epoch: int, first_step: int = 0) -> Iterator[Batch]:
        """Yields the batches of epoch `epoch` (from 0) from step `first_step` on."""
        order = self._order(epoch)
        for step in range(first_step, self.steps_per_epoch):
            batch = order[step * self.config.batch_size : (step + 1) * self.config.batch_size]
            generator = torch.Generator().manual_seed(step_seed(self.config.seed, epoch * self.steps_per_epoch + step))
            yield self._show(batch, generator)

    def _show(self, rows: Tensor, generator: torch.Generator) -> Batch:
        """A random view of each of these (B,) faces."""
        on_device = rows.to(self.faces.device)
        faces, chosen = self.faces[on_device], torch.zeros_like(rows)
        if self.views is None:
            x = augment(faces, self.config, self.preprocessing, generator)
        else:
            chosen = torch.randint(self.views.n_views, rows.shape, generator=generator)
            x = render(faces, self.views.pick(chosen, rows), self.preprocessing)
        teacher = None if self.teacher is None else self.teacher[on_device, chosen.to(on_device.device)]
        batch = Batch(x, self.labels[on_device], self.targets[on_device], self.votes[on_device], teacher)
        return self._mask(batch, self.taught[on_device])

    def _mask(self, batch: Batch, taught: Tensor) -> Batch:
        """The batch with zero targets for faces that do not train a head."""
        if not is_masked(self.config):
            return batch
        targets, votes = keep_taught(batch.targets, taught), keep_taught(batch.votes, batch.votes.any(1))
        return batch._replace(labels=batch.labels.where(taught, -1), targets=targets, votes=votes)

    def _order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(step_seed(self.config.seed, -1 - epoch))
        if self.config.balance == "sampler":
            labels = self.labels.cpu()
            shares = 1 / torch.bincount(labels)[labels]
            return torch.multinomial(shares, len(labels), replacement=True, generator=generator)
        return torch.randperm(len(self.labels), generator=generator)


def _is_blended(config: TrainConfig) -> bool:
    """Whether the teacher's shares are mixed into the targets, as in an earlier version, for bitwise equal resumes.

    For unsoftened shares of plain faces, the loss is the same except for rounding.
    """
    return config.teacher_temperature == 1 and config.teacher_views <= 1 and not is_masked(config)


def step_seed(seed: int, step: int) -> int:
    """A 63-bit seed for each (seed, step); negative steps are for once-per-epoch draws."""
    return int(np.random.SeedSequence([seed, step % 2**32]).generate_state(1, np.uint64)[0] >> 1)


def build_preprocessing(dataset: Dataset, config: TrainConfig) -> Preprocessing:
    """Input size and statistics: those of the training faces, or of ImageNet for ImageNet weights."""
    face_px = dataset.faces.shape[-1]
    input_px = config.input_px or face_px
    rows = dataset.rows("train")
    sample = dataset.faces[rows[:: max(1, math.ceil(len(rows) / 5000))]]
    light = _find_limits(sample, config)
    if config.init == "imagenet" and config.channels == 3:
        mean, std = pretrained_statistics(config.model)
        return Preprocessing(
            face_px=face_px,
            input_px=input_px,
            channels=3,
            mean=mean,
            std=std,
            crop_px=config.crop_px,
            views=config.test_views,
            light=light,
        )
    grey, spread = round(float(sample.mean()) / 255, 4), max(round(float(sample.std()) / 255, 4), 1e-3)
    n = config.channels
    return Preprocessing(
        face_px=face_px,
        input_px=input_px,
        channels=n,
        mean=(grey,) * n,
        std=(spread,) * n,
        crop_px=config.crop_px,
        views=config.test_views,
        light=light,
    )


def _find_limits(faces: np.ndarray, config: TrainConfig) -> Light | None:
    """The limits for the config's `light`, from (n, H, W) uint8 training faces."""
    if config.light == "as_is":
        return None
    shares = (_BEYOND, 1 - _BEYOND) if config.light == "limits" else (0.5, 0.5)
    pixels = faces.reshape(len(faces), -1)
    means, stds = pixels.mean(1) / 255, pixels.std(1) / 255
    return Light(*(round(float(np.quantile(values, share)), 4) for values in (means, stds) for share in shares))
