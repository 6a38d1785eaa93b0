"""The usual setup for training on images, as a baseline: ImageFolder, DataLoader, torchvision's transforms."""

import time
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import ImageFolder

from fer_core.base.devices import n_cores
from fer_core.datasets.dataset import Dataset
from fer_core.labels import EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.runs.config import TrainConfig

N_WORKERS = 2


class UsualTraining:
    """The config's network, input and augmentation, with torch's and torchvision's defaults for everything else.

    Args:
        dataset: its training faces are written as PNG files in class folders.
        config: of the training to compare with.
        device: of the training to compare with.
        folder: for the files.
        n_steps: number of batches of files to write.
    """

    def __init__(self, dataset: Dataset, config: TrainConfig, device: str, folder: Path, n_steps: int) -> None:
        rows = dataset.rows("train")
        for i in range(n_steps * config.batch_size):  # faces come again where there are fewer
            row = rows[i % len(rows)]
            path = folder / EXPRESSIONS[dataset.labels[row]] / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(dataset.faces[row]).save(path)
        self.config, self.device = config, device
        self.files = ImageFolder(str(folder), _transform(config, dataset.faces.shape[-1]))
        self.model = build_model(config.model, config.channels, config.dropout).to(device).train()
        self.optimizer = torch.optim.SGD(
            self.model.parameters(), config.learning_rate, config.momentum, weight_decay=config.weight_decay
        )
        self.loss = nn.CrossEntropyLoss(label_smoothing=config.label_smoothing)

    def time_block(self, n_warm_up: int) -> float:
        """Seconds of an epoch over the files, without its first batches, during which the workers start."""
        torch.set_num_threads(n_cores())
        loader = DataLoader(
            self.files, self.config.batch_size, shuffle=True, num_workers=N_WORKERS, drop_last=True,
            pin_memory=self.device.startswith("cuda"),
        )  # fmt: skip
        batches = iter(loader)
        for x, y in islice(batches, n_warm_up):
            self._step(x, y)
        start = time.perf_counter()
        for x, y in batches:
            loss = self._step(x, y)
        loss.item()  # waits for the device
        return time.perf_counter() - start

    def _step(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        loss = self.loss(self.model(x.to(self.device)), y.to(self.device))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss


def _transform(config: TrainConfig, face_px: int) -> transforms.Compose:
    shift = config.translation_px / face_px
    side = config.input_px or face_px
    return transforms.Compose(
        [
            transforms.Grayscale(config.channels),
            transforms.Resize((side, side)),
            transforms.RandomHorizontalFlip(0.5 if config.flip else 0),
            transforms.RandomAffine(config.rotation_deg, (shift, shift), (1 - config.scale, 1 + config.scale)),
            transforms.ColorJitter(config.brightness, config.contrast),
            transforms.ToTensor(),
            transforms.Normalize((0.5,) * config.channels, (0.25,) * config.channels),
        ]
    )
