"""From a batch of uint8 faces to a network's input, on the device, with one transform drawn for each face."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.config import TrainConfig
from fer_core.preprocess import Light, Preprocessing

_FLAT = 0.01  # a deviation of 2.6 of 255 grey levels: what is flatter is noise, and stays dim


def crop_side(preprocessing: Preprocessing) -> int:
    """The side of the squares that a network trains on, px of its input; the whole input where nothing is cropped."""
    return round(preprocessing.input_px * (preprocessing.crop_px or preprocessing.face_px) / preprocessing.face_px)


def to_input(faces: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(B, H, W) uint8 -> (B, channels, input_px, input_px) float32, normalised, nothing random."""
    x = faces.unsqueeze(1).float() / 255
    if x.shape[-1] != preprocessing.input_px:
        side = preprocessing.input_px
        x = F.interpolate(x, (side, side), mode="bilinear", antialias=True, align_corners=False)
    return normalise(x, preprocessing)


def normalise(x: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(B, 1, H, W) on a scale of 0 to 1 -> (B, channels, H, W), its light within the limits that there are."""
    if preprocessing.light:
        x = limit_light(x, preprocessing.light)
    mean = torch.tensor(preprocessing.mean, device=x.device).view(1, -1, 1, 1)
    std = torch.tensor(preprocessing.std, device=x.device).view(1, -1, 1, 1)
    return (x - mean) / std


def limit_light(x: Tensor, light: Light) -> Tensor:
    """(B, 1, H, W) on a scale of 0 to 1 -> the same, each face's mean and deviation within the limits."""
    mean, std = x.mean((1, 2, 3), keepdim=True), x.std((1, 2, 3), keepdim=True, correction=0).clamp(min=_FLAT)
    gain = std.clamp(light.flattest, light.harshest) / std
    shift = mean.clamp(light.darkest, light.brightest) - mean
    return x + ((x - mean) * (gain - 1) + shift)  # to the bit as it was, where nothing is beyond a limit


def augment(faces: Tensor, config: TrainConfig, preprocessing: Preprocessing, generator: torch.Generator) -> Tensor:
    """A training batch, every face with a flip, rotation, shift, scale, light and erasing of its own.

    The geometry is one resampling from the stored pixels straight to the network's input.

    Args:
        faces: (B, H, W) uint8 on the device.
        config: how strong each part is.
        preprocessing: size and statistics of the result.
        generator: on the CPU; the same state gives the same batch on every device.

    Returns:
        (B, channels, S, S) float32 normalised; S is input_px, in proportion less where crop_px crops.
    """
    x = faces.unsqueeze(1).float() / 255
    crop = preprocessing.crop_px or faces.shape[-1]
    theta = _draw_affine(len(x), faces.shape[-1], crop, config, generator).to(x.device)
    out_side = crop_side(preprocessing)
    grid = F.affine_grid(theta, [len(x), 1, out_side, out_side], align_corners=False)
    x = F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    x = _change_light(x, config, generator)
    x = normalise(x, preprocessing)
    return _erase(x, config.erasing, generator) if config.erasing else x


def _uniform(n: int, low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(n, generator=generator) * (high - low) + low


def _draw_affine(n: int, face_px: int, crop_px: int, config: TrainConfig, generator: torch.Generator) -> Tensor:
    """(n, 2, 3) maps from output to input coordinates, both from -1 to 1 over the face."""
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


def _change_light(x: Tensor, config: TrainConfig, generator: torch.Generator) -> Tensor:
    if config.contrast:
        gain = _uniform(len(x), 1 - config.contrast, 1 + config.contrast, generator).to(x.device).view(-1, 1, 1, 1)
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x - mean) * gain + mean
    if config.brightness:
        x = x + _uniform(len(x), -config.brightness, config.brightness, generator).to(x.device).view(-1, 1, 1, 1)
    return x.clamp(0, 1)


def _erase(x: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Sets a rectangle of 2 to 25 % of the area to the mean (0) in `share` of the faces.

    Source: Zhong et al., Random Erasing Data Augmentation, 2020; here with the mean instead of noise.
    """
    n, side = len(x), x.shape[-1]
    area = _uniform(n, 0.02, 0.25, generator) * side * side
    ratio = torch.exp(_uniform(n, math.log(0.4), math.log(2.5), generator))
    height = torch.sqrt(area * ratio).clamp(max=side).view(-1, 1)
    width = torch.sqrt(area / ratio).clamp(max=side).view(-1, 1)
    top = torch.rand(n, 1, generator=generator) * (side - height)
    left = torch.rand(n, 1, generator=generator) * (side - width)
    at = torch.arange(side).view(1, -1)
    rows = (at >= top) & (at < top + height)  # (n, side)
    columns = (at >= left) & (at < left + width)
    chosen = (torch.rand(n, generator=generator) < share).view(-1, 1, 1)
    hidden = (rows.unsqueeze(2) & columns.unsqueeze(1) & chosen).unsqueeze(1)  # (n, 1, side, side)
    return x.masked_fill(hidden.to(x.device), 0.0)
