"""What is drawn: the person (Person), the muscles' actions (Action), and the position of the face (Pose).

Lengths are in face units: x from -1 to 1 and y from -1 (hair) to 1 (chin) is a FER2013 face's frame, y downwards.
"""

from dataclasses import dataclass
from typing import NamedTuple

Colour = tuple[int, int, int]


class Action(NamedTuple):
    """What the face does; all 0 is at rest, 1 is strong, and the signed ones go to -1."""

    brow_raise: float  # signed
    brow_inner: float  # inner ends up; signed, -1 is a frown
    brow_pull: float  # inner ends towards each other
    eye_open: float  # signed, -1 is nearly shut
    lid_droop: float  # outer part of the upper lid
    squint: float  # lower lid up
    nose_wrinkle: float
    lip_raise: float  # upper lip
    mouth_curve: float  # corners up; signed
    mouth_open: float
    teeth: float  # share of the open mouth
    mouth_width: float  # signed
    lip_press: float
    lip_skew: float  # one corner up; signed


@dataclass(frozen=True, kw_only=True)
class Person:
    """The properties that are the same in every photo; sizes are factors around 1."""

    skin: Colour
    hair: Colour
    iris: Colour
    clothes: Colour
    hair_style: str
    hair_volume: float  # thickness over the skull, in face units
    hairline: float  # y in face units
    beard: str
    glasses: bool
    age: float  # 0 to 1: strength of the lines
    head_width: float
    jaw: float  # below 1 square, above 1 pointed
    chin: float
    eye_size: float
    eye_gap: float
    brow_thickness: float
    brow_arch: float
    nose_width: float
    nose_length: float
    lip_fullness: float
    mouth_width: float


class Pose(NamedTuple):
    """Where the face is in the picture, px of the finished one; angles in radians; light from -1 (left) to 1."""

    x_px: float
    y_px: float
    unit_px: float
    roll: float = 0.0
    yaw: float = 0.0
    light: float = 0.0
