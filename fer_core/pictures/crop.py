"""Cropping a face from a photograph, upright and framed as FER2013's faces are."""

import math

import numpy as np
from PIL import Image, ImageOps

from fer_core.pictures.detector import FaceBox

# FER2013's frame: medians of this detector's landmarks over 400 Training faces drawn at random (366 found), enlarged
# to 288 px with a border of 144 px. Shares of the frame's side.
_MIDDLE_AT = 0.58  # from the top to the middle between eyes and mouth
_EYES_TO_MOUTH = 0.35  # from the middle of the eyes to that of the mouth


def crop_face(photo: Image.Image, box: FaceBox | None, size: int) -> np.ndarray:
    """(size, size) uint8 grey face, upright and framed as in FER2013; without a box, the photo's centre square.

    Eyes and mouth determine the frame, so it follows a tilted head.
    """
    grey = photo.convert("L")
    if box is None:
        return np.asarray(ImageOps.fit(grey, (size, size), Image.Resampling.LANCZOS))
    eyes, mouth = box.landmarks[:2].mean(0), box.landmarks[3:].mean(0)
    right = box.landmarks[1] - box.landmarks[0]
    angle = math.atan2(right[1], right[0])
    side = measure_frame(box)
    x_axis = np.array([math.cos(angle), math.sin(angle)])
    y_axis = np.array([-x_axis[1], x_axis[0]])
    corner = (eyes + mouth) / 2 - side * (0.5 * x_axis + _MIDDLE_AT * y_axis)
    # One resampling into a picture several times the size, averaged down: no jagged edges from large photographs.
    work = size * max(1, min(8, math.ceil(side / size)))
    x, y = x_axis * side / work, y_axis * side / work
    padded, pad = _pad_edges(grey, side)
    data = (x[0], y[0], corner[0] + pad, x[1], y[1], corner[1] + pad)
    cut = padded.transform((work, work), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.asarray(cut.resize((size, size), Image.Resampling.BOX))


def measure_frame(box: FaceBox) -> float:
    """The side of the square that crop_face crops, px."""
    eyes, mouth = box.landmarks[:2].mean(0), box.landmarks[3:].mean(0)
    side = float(np.hypot(*(mouth - eyes))) / _EYES_TO_MOUTH
    return min(max(side, 0.7 * math.sqrt(box.area)), 1.5 * math.sqrt(box.area))  # a profile's landmarks lie close


def _pad_edges(grey: Image.Image, side: float) -> tuple[Image.Image, int]:
    """The picture with its edge repeated outwards, so that a crop beyond the edge has no black corner."""
    pad = math.ceil(side)
    return Image.fromarray(np.pad(np.asarray(grey), pad, mode="edge")), pad
