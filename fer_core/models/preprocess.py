"""The preprocessing from a grey face to a network's input; stored with every checkpoint."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

# torchvision's ImageNet statistics, for networks that start from its weights.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


Views = Literal["one", "flip", "ten_crop", "wide"]


class Light(NamedTuple):
    """Limits of a face's mean and standard deviation, on a scale of 0 to 1; a face outside is adjusted to the limit.

    Attributes:
        darkest: least mean.
        brightest: greatest mean.
        flattest: least standard deviation over the face's pixels.
        harshest: greatest.
    """

    darkest: float
    brightest: float
    flattest: float
    harshest: float


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """Size, channels, statistics and views of the input. The arithmetic is in `fer_core.training.augment`.

    Attributes:
        face_px: side of the face the network was trained on, before any resizing.
        input_px: side of the network's input.
        channels: 1, or 3 when the grey channel is repeated.
        mean: of a channel, on a scale of 0 to 1.
        std: likewise.
        crop_px: side of the squares that it was trained on, px of the face; 0: whole faces.
        views: which views of a face are averaged when it is classified (`fer_core.inference.views`).
        light: limits for faces that are unusually dark, bright, flat or harsh; None: no limits.
    """

    face_px: int
    input_px: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    crop_px: int = 0
    views: Views = "flip"
    light: Light | None = None
