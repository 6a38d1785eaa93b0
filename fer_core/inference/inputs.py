"""From a batch of uint8 faces to a network's input, on the device, with nothing random."""

import torch
from torch import Tensor
from torch.nn import functional as F

from fer_core.models.preprocess import Light, Preprocessing

_FLAT = 0.01  # a deviation of 2.6 of 255 grey levels: anything flatter is noise, and stays dim


def crop_side(preprocessing: Preprocessing) -> int:
    """The side of the squares that a network trains on, in px of its input; the whole input without cropping."""
    return round(preprocessing.input_px * (preprocessing.crop_px or preprocessing.face_px) / preprocessing.face_px)


def to_input(faces: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(B, H, W) uint8 -> (B, channels, input_px, input_px) float32, normalised, nothing random."""
    x = faces.unsqueeze(1).float() / 255
    if x.shape[-1] != preprocessing.input_px:
        side = preprocessing.input_px
        x = F.interpolate(x, (side, side), mode="bilinear", antialias=True, align_corners=False)
    return normalise(x, preprocessing)


def normalise(x: Tensor, preprocessing: Preprocessing) -> Tensor:
    """(B, 1, H, W) on a scale of 0 to 1 -> (B, channels, H, W), its light within the limits, if there are any."""
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
    return x + ((x - mean) * (gain - 1) + shift)  # bit for bit unchanged if nothing is beyond a limit
