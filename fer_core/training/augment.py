"""Augmentation: turns a batch of uint8 faces into network input on the device, with a random transform per face."""

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.inference.inputs import crop_side, normalise
from fer_core.models.preprocess import Preprocessing
from fer_core.runs.config import TrainConfig


class Boxes(NamedTuple):
    """The erased rectangles of n faces, (n,) each, as shares that `render` converts to px.

    Attributes:
        area: of the face's area, 0.02 to 0.25.
        ratio: height over width.
        top: position of the rectangle as a share of the free height; 0 to 1.
        left: likewise for the width.
        chosen: bool; whether the face has a rectangle.
    """

    area: Tensor
    ratio: Tensor
    top: Tensor
    left: Tensor
    chosen: Tensor


class Transforms(NamedTuple):
    """One random view of each of n faces, on the CPU, independent of the network's input size.

    Attributes:
        theta: (n, 2, 3) maps from output to input coordinates, both from -1 to 1 over the face.
        gain: (n,) of the contrast, or None.
        light: (n,) added, as a share of white, or None.
        boxes: what is erased, or None.
    """

    theta: Tensor
    gain: Tensor | None
    light: Tensor | None
    boxes: Boxes | None

    def pick(self, rows: Tensor) -> "Transforms":
        """Selects the transforms of some of the faces."""
        boxes = Boxes(*(each[rows] for each in self.boxes)) if self.boxes else None
        gain, light = (None if each is None else each[rows] for each in (self.gain, self.light))
        return Transforms(self.theta[rows], gain, light, boxes)


def augment(faces: Tensor, config: TrainConfig, preprocessing: Preprocessing, generator: torch.Generator) -> Tensor:
    """A training batch; each face gets its own flip, rotation, shift, scale, lighting and erasing.

    Args:
        faces: (B, H, W) uint8 on the device.
        config: strength of each transform.
        preprocessing: size and statistics of the result.
        generator: on the CPU; the same state gives the same batch on every device.

    Returns:
        (B, channels, S, S) float32 normalised; S is input_px, in proportion less where crop_px crops.
    """
    crop = preprocessing.crop_px or faces.shape[-1]
    return render(faces, draw_transforms(len(faces), faces.shape[-1], crop, config, generator), preprocessing)


def draw_transforms(n: int, face_px: int, crop_px: int, config: TrainConfig, generator: torch.Generator) -> Transforms:
    """A random view of each of n faces.

    Args:
        n: number of faces.
        face_px: their side.
        crop_px: side of the square crop that a view shows; face_px for the whole face.
        config: strength of each transform.
        generator: on the CPU.
    """
    theta = _draw_affine(n, face_px, crop_px, config, generator)
    contrast, brightness = config.contrast, config.brightness
    gain = _uniform(n, 1 - contrast, 1 + contrast, generator) if contrast else None
    light = _uniform(n, -brightness, brightness, generator) if brightness else None
    return Transforms(theta, gain, light, _draw_boxes(n, config.erasing, generator) if config.erasing else None)


def render(faces: Tensor, transforms: Transforms, preprocessing: Preprocessing) -> Tensor:
    """The views of (B, H, W) uint8 faces as network input: (B, channels, S, S) float32, normalised.

    The geometry is one resampling from the stored pixels straight to the network's input, of the side S that the
    network was trained on (`crop_side`), for every crop.
    """
    x, side = faces.unsqueeze(1).float() / 255, crop_side(preprocessing)
    grid = F.affine_grid(transforms.theta.to(x.device), [len(x), 1, side, side], align_corners=False)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    x = normalise(_change_light(x, transforms), preprocessing)
    return _erase(x, transforms.boxes) if transforms.boxes else x


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(n, generator=generator) * (high - low) + low


def _draw_affine(n: int, face_px: int, crop_px: int, config: TrainConfig, generator: torch.Generator) -> Tensor:
    angle = _uniform(n, -config.rotation_deg, config.rotation_deg, generator) * (math.pi / 180)
    zoom = crop_px / face_px / _uniform(n, 1 - config.scale, 1 + config.scale, generator)
    mirror = torch.where(torch.rand(n, generator=generator) < 0.5, -1.0, 1.0) if config.flip else torch.ones(n)
    reach = 2 * config.translation_px / face_px + (1 - crop_px / face_px)  # a crop also moves about
    shift = torch.rand(n, 2, generator=generator) * 2 * reach - reach
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    rows = [
        torch.stack([cos * mirror, -sin, shift[:, 0]], 1),
        torch.stack([sin * mirror, cos, shift[:, 1]], 1),
    ]
    return torch.stack(rows, 1)


def _draw_boxes(n: int, share: float, generator: torch.Generator) -> Boxes:
    """Rectangles in `share` of the faces.

    Source: Zhong et al., Random Erasing Data Augmentation, 2020; here with the mean instead of noise.
    """
    area = _uniform(n, 0.02, 0.25, generator)
    ratio = torch.exp(_uniform(n, math.log(0.4), math.log(2.5), generator))
    top, left = torch.rand(n, generator=generator), torch.rand(n, generator=generator)
    return Boxes(area, ratio, top, left, torch.rand(n, generator=generator) < share)


def _change_light(x: Tensor, transforms: Transforms) -> Tensor:
    if transforms.gain is not None:
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x - mean) * transforms.gain.to(x.device).view(-1, 1, 1, 1) + mean
    if transforms.light is not None:
        x = x + transforms.light.to(x.device).view(-1, 1, 1, 1)
    return x.clamp(0, 1)


def _erase(x: Tensor, boxes: Boxes) -> Tensor:
    """Sets the rectangles to the mean (0)."""
    side = x.shape[-1]
    area = boxes.area * side * side
    height = torch.sqrt(area * boxes.ratio).clamp(max=side).view(-1, 1)
    width = torch.sqrt(area / boxes.ratio).clamp(max=side).view(-1, 1)
    top = boxes.top.view(-1, 1) * (side - height)
    left = boxes.left.view(-1, 1) * (side - width)
    at = torch.arange(side).view(1, -1)
    rows = (at >= top) & (at < top + height)  # (n, side)
    columns = (at >= left) & (at < left + width)
    chosen = boxes.chosen.view(-1, 1, 1)
    hidden = (rows.unsqueeze(2) & columns.unsqueeze(1) & chosen).unsqueeze(1)  # (n, 1, side, side)
    return x.masked_fill(hidden.to(x.device), 0.0)
