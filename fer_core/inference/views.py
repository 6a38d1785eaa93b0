"""The views of a face whose probabilities are averaged when it is classified."""

from collections.abc import Iterator

from torch import Tensor
from torch.nn import functional as F

from fer_core.inference.inputs import crop_side, to_input
from fer_core.models.preprocess import Preprocessing


def input_views(faces: Tensor, preprocessing: Preprocessing) -> Iterator[Tensor]:
    """(B, H, W) uint8 -> the network inputs that `preprocessing.views` names.

    one: the face. flip: the face and its mirror image. ten_crop: four corners and the centre, crop_px a side, and the
    mirror image of each (Krizhevsky et al., 2012). wide: the face, the face shifted by a 24th of its side in each of
    four directions and zoomed in and out by as much, and the mirror image of each.
    """
    x = to_input(faces, preprocessing)
    if preprocessing.views == "one":
        yield x
        return
    if preprocessing.views == "flip":
        yield from (x, x.flip(-1))
        return
    if preprocessing.views == "wide":
        for view in _shift_and_zoom(x):
            yield from (view, view.flip(-1))
        return
    side = crop_side(preprocessing)
    end = preprocessing.input_px - side
    for top, left in ((0, 0), (0, end), (end, 0), (end, end), (end // 2, end // 2)):
        crop = x[..., top : top + side, left : left + side]
        yield from (crop, crop.flip(-1))


def _shift_and_zoom(x: Tensor) -> Iterator[Tensor]:
    """Seven views of (B, C, S, S) faces, each of the same size; the border is repeated outwards."""
    side = x.shape[-1]
    step = max(1, round(side / 24))
    padded = F.pad(x, (step,) * 4, mode="replicate")
    for down, right in ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2)):
        top, left = down * step, right * step
        yield padded[..., top : top + side, left : left + side]
    inner = x[..., step : side - step, step : side - step]
    for part in (inner, padded):
        yield F.interpolate(part, (side, side), mode="bilinear", align_corners=False)
