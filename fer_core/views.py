"""The views of a face whose probabilities are averaged when it is classified."""

from collections.abc import Iterator

from torch import Tensor

from fer_core.augment import crop_side, to_input
from fer_core.preprocess import Preprocessing


def input_views(faces: Tensor, preprocessing: Preprocessing) -> Iterator[Tensor]:
    """(B, H, W) uint8 -> as many network inputs as `preprocessing.views` asks for.

    one: the face. flip: and its mirror image. ten_crop: four corners and the middle, crop_px large, and the mirror
    image of each (Krizhevsky et al., 2012).
    """
    x = to_input(faces, preprocessing)
    if preprocessing.views == "one":
        yield x
        return
    if preprocessing.views == "flip":
        yield from (x, x.flip(-1))
        return
    side = crop_side(preprocessing)
    end = preprocessing.input_px - side
    for top, left in ((0, 0), (0, end), (end, 0), (end, end), (end // 2, end // 2)):
        crop = x[..., top : top + side, left : left + side]
        yield from (crop, crop.flip(-1))
