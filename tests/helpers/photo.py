"""A photograph of drawn people, for what looks for faces in one."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from fer_core.sources.demo.drawing import paint_people
from fer_core.sources.demo.look import Action, Colour, Pose
from fer_core.sources.demo.people import _HIGHEST, _LOWEST, _MEANS, _jittered, _make_person, _pick

_WALLS: tuple[Colour, ...] = ((196, 206, 210), (214, 200, 180), (150, 170, 164), (120, 138, 160))


def draw_photo(expressions: Sequence[str] = ("happy",), size: int = 640, seed: int = 0) -> Image.Image:
    """A square RGB "photograph" of one to three drawn people, from left to right, each with the expression given."""
    rng = np.random.default_rng(seed)
    count = len(expressions)
    unit = size * (0.0, 0.25, 0.165, 0.118)[count]
    people = []
    for i, expression in enumerate(expressions):
        at = ((i + 0.5) / count * size, size * 0.46 + rng.uniform(-0.3, 0.3) * unit * (count > 1))
        action = Action(*np.clip(np.array(_MEANS[expression]) * rng.uniform(0.9, 1.1), _LOWEST, _HIGHEST).tolist())
        pose = Pose(
            *at, unit * rng.uniform(0.95, 1.05), rng.normal(0, 0.05), rng.normal(0, 0.1), rng.uniform(-0.8, 0.8)
        )
        people.append((_make_person(rng), action, pose))
    picture, shade = paint_people(people, _room(size * 2, rng), oversample=2)
    pixels = np.asarray(picture.filter(ImageFilter.GaussianBlur(size / 900)), np.float32) * shade[..., None]
    pixels += rng.normal(0, 2.5, pixels.shape).astype(np.float32)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _room(size: int, rng: np.random.Generator) -> Image.Image:
    """An RGB wall with a window or two, out of focus."""
    wall = np.array(_pick(_WALLS, rng), np.float32)
    fall = np.linspace(1.08, 0.78, size, dtype=np.float32)[:, None, None]
    small = Image.fromarray(np.clip(wall * fall * np.ones((size, size, 1), np.float32), 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(small)
    for _ in range(3):
        left, top = rng.uniform(-0.1, 0.9) * size, rng.uniform(-0.1, 0.5) * size
        tone = _jittered((int(wall[0]), int(wall[1]), int(wall[2])), 0.14, rng)
        pen.rectangle((left, top, left + rng.uniform(0.1, 0.3) * size, top + rng.uniform(0.2, 0.5) * size), fill=tone)
    return small.filter(ImageFilter.GaussianBlur(size / 50))
