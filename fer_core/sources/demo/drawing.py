"""People painted with polygons."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fer_core.sources.demo.features import NO_SHADE, body, face, head, shading
from fer_core.sources.demo.look import Action, Person, Pose
from fer_core.sources.demo.strokes import Stroke


def paint_people(
    people: Sequence[tuple[Person, Action, Pose]], canvas: Image.Image, oversample: int = 3
) -> tuple[Image.Image, np.ndarray]:
    """The RGB picture without shading, and its shading.

    Args:
        people: painted in this order.
        canvas: RGB background, ``oversample`` times as large as the picture; it is painted on.
        oversample: drawn this many times larger, then reduced, which smooths the edges.

    Returns:
        The picture, and (height, width) float32 factors to multiply it with, 1 where nothing changes.
    """
    width, height = canvas.width // oversample, canvas.height // oversample
    shade = Image.new("L", (width, height), NO_SHADE)
    pen, shade_pen = ImageDraw.Draw(canvas), ImageDraw.Draw(shade)
    for person, action, pose in people:
        _paint(pen, body(person) + head(person, action) + face(person, action), pose, oversample)
        _paint(shade_pen, shading(person, action, pose.light), pose, 1)
    blur_px = 0.055 * max((pose.unit_px for _, _, pose in people), default=0.0)
    factors = np.asarray(shade.filter(ImageFilter.GaussianBlur(blur_px)), dtype=np.float32) / NO_SHADE
    return canvas.reduce(oversample), factors


def _paint(pen: ImageDraw.ImageDraw, strokes: list[Stroke], pose: Pose, oversample: int) -> None:
    points = np.concatenate([stroke.points for stroke in strokes])
    depth = np.sqrt(np.clip(1 - (points[:, 0] / 1.1) ** 2, 0, None)) * np.clip(2 - points[:, 1], 0, 1)
    x = points[:, 0] + 0.55 * math.sin(pose.yaw) * depth
    unit, cos, sin = pose.unit_px * oversample, math.cos(pose.roll), math.sin(pose.roll)
    placed = np.empty_like(points)
    placed[:, 0] = pose.x_px * oversample + unit * (x * cos - points[:, 1] * sin)
    placed[:, 1] = pose.y_px * oversample + unit * (x * sin + points[:, 1] * cos)
    flat, start = placed.ravel().tolist(), 0
    for stroke in strokes:
        xy = flat[start : start + stroke.points.size]
        start += stroke.points.size
        if stroke.width:
            pen.line(xy, fill=stroke.fill, width=max(1, round(stroke.width * unit)), joint="curve")
        else:
            pen.polygon(xy, fill=stroke.fill)
