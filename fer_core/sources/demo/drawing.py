"""One face drawn with polygons: who (Person), what the muscles do (Action), where and how it is held (Pose).

Lengths are in face units: x from -1 to 1 and y from -1 (hair) to 1 (chin) is a FER2013 face's frame, y downwards.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]

HAIR_STYLES = ("bald", "cropped", "short", "side", "fringe", "long", "curly", "bun")
BEARDS = ("none", "stubble", "full", "moustache")

_EYES_Y, _MOUTH_Y = -0.19, 0.51
_NO_SHADE = 128
_ACROSS = np.linspace(-1, 1, 11)
_ALONG = np.linspace(0, 1, 6)  # from the inner to the outer end of a brow
_ARCH = 1 - _ACROSS**2
_ANGLES = np.linspace(0, 2 * np.pi, 18, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
_LEFT_SHOULDER = [(-0.45, 1.22), (-0.9, 1.34), (-1.3, 1.45), (-1.58, 1.6), (-1.76, 1.85), (-1.95, 6.0)]
_SHOULDERS = np.array(_LEFT_SHOULDER + [(-x, y) for x, y in _LEFT_SHOULDER[::-1]])
_NECK = np.array([(-0.46, 0.5), (-0.46, 1.12), (-0.58, 1.3), (0, 1.62), (0.58, 1.3), (0.46, 1.12), (0.46, 0.5)])
_HALF_TURN = np.linspace(0, np.pi, 15)
_COS, _SIN = np.cos(_HALF_TURN), np.sin(_HALF_TURN)


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


@dataclass(frozen=True)
class Person:
    """What stays the same from photo to photo; sizes are factors round 1."""

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


class _Stroke(NamedTuple):
    points: np.ndarray  # (K, 2) face units
    fill: Colour | int
    width: float = 0.0  # face units; 0 is a filled polygon


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
    shade = Image.new("L", (width, height), _NO_SHADE)
    pen, shade_pen = ImageDraw.Draw(canvas), ImageDraw.Draw(shade)
    for person, action, pose in people:
        _paint(pen, _body(person) + _head(person, action) + _face(person, action), pose, oversample)
        _paint(shade_pen, _shading(person, action, pose.light), pose, 1)
    blur_px = 0.055 * max((pose.unit_px for _, _, pose in people), default=0.0)
    factors = np.asarray(shade.filter(ImageFilter.GaussianBlur(blur_px)), dtype=np.float32) / _NO_SHADE
    return canvas.reduce(oversample), factors


def _paint(pen: ImageDraw.ImageDraw, strokes: list[_Stroke], pose: Pose, oversample: int) -> None:
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


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _dark(colour: Colour, factor: float) -> Colour:
    return round(colour[0] * factor), round(colour[1] * factor), round(colour[2] * factor)


def _oval(x: float, y: float, half_width: float, half_height: float) -> np.ndarray:
    return _CIRCLE * (half_width, half_height) + (x, y)


def _between(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """A closed outline from two lines that both run from left to right."""
    return np.concatenate([upper, lower[::-1]])


def _line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    points = np.empty((len(x), 2))  # np.stack does the same in three times the time, 34 times a face
    points[:, 0], points[:, 1] = x, y
    return points


def _head_outline(person: Person, jaw_drop: float = 0.0, grow: float = 0.0) -> np.ndarray:
    width = 0.8 * person.head_width + grow
    chin = 0.98 * person.chin + jaw_drop + grow
    top = _line(-width * _COS, -0.05 - (1.0 + grow) * _SIN)
    bottom = _line(width * np.sign(_COS) * np.abs(_COS) ** (0.78 * person.jaw), -0.05 + chin * _SIN)
    return np.concatenate([top, bottom[1:-1]])


def _jaw_drop(action: Action) -> float:
    return 0.12 * max(0.0, action.mouth_open)


def _body(person: Person) -> list[_Stroke]:
    """Long hair behind, then neck and shoulders."""
    strokes = []
    width = 0.8 * person.head_width
    if person.hair_style == "long":
        out = width + person.hair_volume + 0.05
        left = [(-0.5, -0.9), (0.08 - out, -0.5), (-out, 0.0), (-out - 0.06, 0.6), (-out, 1.2), (0.12 - out, 1.5)]
        both = np.array(left + [(-x, y) for x, y in left[::-1]])
        strokes.append(_Stroke(both, _dark(person.hair, 0.8)))
    if person.hair_style == "bun":
        strokes.append(_Stroke(_oval(0, -1.25, 0.36, 0.3), _dark(person.hair, 0.85)))
    strokes.append(_Stroke(_SHOULDERS, person.clothes))
    strokes.append(_Stroke(_NECK * (person.head_width, 1), _dark(person.skin, 0.82)))
    return strokes


def _head(person: Person, action: Action) -> list[_Stroke]:
    """Ears, skull, hair and beard."""
    width, skin, hair = 0.8 * person.head_width, person.skin, person.hair
    strokes = []
    if person.hair_style != "long":
        strokes += [_Stroke(_oval(side * (width + 0.02), 0.05, 0.1, 0.2), _dark(skin, 0.88)) for side in (-1, 1)]
    strokes.append(_Stroke(_head_outline(person, _jaw_drop(action)), skin))
    strokes += _folds(person, action)
    if person.beard in ("stubble", "full"):
        strokes.extend(_beard(person, action))
    if person.hair_style == "bald":
        return strokes
    volume = person.hair_volume * (0.35 if person.hair_style == "cropped" else 1.0)
    turn = np.linspace(-0.2, np.pi + 0.2, 48) if person.hair_style == "curly" else _HALF_TURN
    thick = volume + (0.035 * np.cos(15 * turn) if person.hair_style == "curly" else 0.0)
    outer = _line(-(width + thick) * np.cos(turn), -0.02 - (1.02 + thick) * np.sin(turn))
    reach = {"long": 0.5, "curly": 0.2, "fringe": 0.1}.get(person.hair_style, -0.05)
    inner_x = np.array([-0.99, -0.93, -0.8, -0.45, 0.0, 0.45, 0.8, 0.93, 0.99]) * width
    line = person.hairline
    inner_y = np.array([reach, -0.25, line + 0.18, line + 0.02, line - 0.02, line + 0.02, line + 0.18, -0.25, reach])
    if person.hair_style == "side":
        inner_y[2:7] += np.array([0.14, 0.1, 0.02, -0.07, -0.12])
    if person.hair_style == "fringe":
        inner_y[2:7] = -0.48
    strokes.append(_Stroke(_between(outer, _line(inner_x, inner_y)), hair))
    shine = _line(-0.7 * width * _COS[4:8], -0.06 - (0.94 + 0.5 * volume) * _SIN[4:8])
    strokes.append(_Stroke(shine, _mix(hair, (255, 255, 255), 0.07), 0.05))
    return strokes


def _beard(person: Person, action: Action) -> list[_Stroke]:
    outline = _head_outline(person, _jaw_drop(action), grow=0.03 if person.beard == "full" else -0.01)
    lower = outline[len(_COS) - 1 :][::-1]  # from the left ear over the chin to the right ear
    share = 0.8 if person.beard == "full" else 0.28
    right = [(0.7, 0.1), (0.62, 0.3), (0.48, 0.4), (0.22, 0.36)]
    edge = np.array(right + [(-x, y) for x, y in right[::-1]]) * (person.head_width, 1)
    return [_Stroke(np.concatenate([lower, edge]), _mix(person.skin, person.hair, share))]


def _face(person: Person, action: Action) -> list[_Stroke]:
    strokes = _nose(person, action)
    for side in (-1, 1):
        strokes += _eye(person, action, side)
        strokes.append(_brow(person, action, side))
    strokes += _mouth(person, action)
    if person.glasses:
        strokes += _glasses(person)
    return strokes


def _eye(person: Person, action: Action, side: int) -> list[_Stroke]:
    x0 = side * 0.36 * person.eye_gap
    half_width = 0.175 * person.eye_size
    x = x0 + half_width * _ACROSS
    outward = side * _ACROSS
    open_ = 0.095 * person.eye_size * max(0.15, 1 + 0.55 * action.eye_open)
    upper = _EYES_Y - open_ * _ARCH**0.8 + 0.035 * action.lid_droop * np.clip(outward + 0.6, 0, None)
    lower = _EYES_Y + (0.055 * person.eye_size) * (1 - 0.55 * action.squint + 0.15 * action.eye_open) * _ARCH
    upper = np.minimum(upper - 0.012 * outward, lower - 0.012)
    iris = _oval(x0, _EYES_Y - 0.012, 0.082 * person.eye_size, 0.082 * person.eye_size)
    pupil = _oval(x0, _EYES_Y - 0.012, 0.04 * person.eye_size, 0.04 * person.eye_size)
    for disc in (iris, pupil):
        disc[:, 1] = np.clip(disc[:, 1], np.interp(disc[:, 0], x, upper), np.interp(disc[:, 0], x, lower))
    crease = _line(x, upper - 0.045 - 0.02 * action.eye_open)[1:-1]
    lash = _dark(person.skin, 0.22)
    strokes = [
        _Stroke(crease, _dark(person.skin, 0.72), 0.02),
        _Stroke(_between(_line(x, upper), _line(x, lower)), (236, 232, 228)),
        _Stroke(iris, person.iris),
        _Stroke(pupil, (14, 12, 12)),
        _Stroke(_line(x, lower), _dark(person.skin, 0.68), 0.014),
        _Stroke(_line(x, upper), lash, 0.034),
    ]
    if open_ > 0.06:
        strokes.insert(4, _Stroke(_oval(x0 + 0.03, _EYES_Y - 0.035, 0.018, 0.018), (250, 250, 250)))
    return strokes


def _brow(person: Person, action: Action, side: int) -> _Stroke:
    along = _ALONG
    x = side * (0.36 * person.eye_gap + 0.23 * along - (0.2 + 0.05 * action.brow_pull) * (1 - along))
    y = _EYES_Y - 0.23 - 0.085 * action.brow_raise - 0.05 * person.brow_arch * np.sin(along * np.pi)
    y = y - 0.1 * action.brow_inner * (1 - along) ** 1.3 + 0.03 * action.brow_inner * along
    thick = 0.04 * person.brow_thickness * (1 - 0.75 * along**2)
    return _Stroke(
        _between(_line(x, y - thick), _line(x, y + thick)), _mix(_dark(person.hair, 0.75), person.skin, 0.15)
    )


def _nose(person: Person, action: Action) -> list[_Stroke]:
    width = 0.15 * person.nose_width * (1 + 0.18 * action.nose_wrinkle)
    tip = 0.21 * person.nose_length - 0.05 * action.nose_wrinkle
    shadow, line = _dark(person.skin, 0.8), _dark(person.skin, 0.62)
    under = _line(width * _ACROSS, tip + 0.015 + 0.05 * _ARCH)
    strokes = [_Stroke(_between(_line(width * _ACROSS, tip - 0.01 * _ARCH), under), shadow)]
    for side in (-1, 1):
        wing = [(width * side, tip - 0.08), (width * 1.12 * side, tip - 0.02), (width * 0.95 * side, tip + 0.035)]
        strokes.append(_Stroke(np.array(wing), line, 0.02))
        strokes.append(_Stroke(_oval(0.5 * width * side, tip + 0.02, 0.33 * width, 0.022), _dark(person.skin, 0.35)))
    if action.nose_wrinkle > 0.2:
        tone = _dark(person.skin, 1 - 0.38 * min(1.0, action.nose_wrinkle))
        for i in range(3):
            y = _EYES_Y + 0.0 + 0.075 * i - 0.03 * _ARCH
            strokes.append(_Stroke(_line(0.13 * _ACROSS, y), tone, 0.022))
    return strokes


def _folds(person: Person, action: Action) -> list[_Stroke]:
    """Lines beside nose and mouth, between the brows and on the forehead."""
    strokes = []
    smile = max(0.0, action.mouth_curve)
    depth = min(1.0, 0.35 * person.age + 0.55 * smile + 0.55 * action.nose_wrinkle + 0.4 * action.lip_raise)
    if depth > 0.15:
        tone = _dark(person.skin, 1 - 0.22 * depth)
        out = 0.36 * person.mouth_width + 0.06 + 0.1 * smile
        for side in (-1, 1):
            fold = [(0.2 * side, 0.14), (0.75 * out * side + 0.04 * side, 0.28), (out * side, 0.45)]
            strokes.append(_Stroke(np.array(fold), tone, 0.024))
    frown = action.brow_pull - 0.5 * max(0.0, action.brow_raise)
    if frown > 0.3:
        tone = _dark(person.skin, 1 - 0.35 * min(1.0, frown))
        for side in (-1, 1):
            strokes.append(_Stroke(np.array([(0.06 * side, -0.46), (0.045 * side, -0.32)]), tone, 0.024))
    lift = action.brow_raise + 0.4 * max(0.0, action.brow_inner) + 0.4 * person.age - 0.45
    if lift > 0.1 and person.hair_style != "fringe":
        tone = _dark(person.skin, 1 - 0.25 * min(1.0, lift))
        for y in (-0.68, -0.6):
            strokes.append(_Stroke(_line(0.36 * _ACROSS, y - 0.025 * _ARCH), tone, 0.018))
    return strokes


def _mouth(person: Person, action: Action) -> list[_Stroke]:
    half_width = 0.32 * person.mouth_width * (1 + 0.28 * action.mouth_width)
    open_ = max(0.0, action.mouth_open)
    x = half_width * _ACROSS
    middle = _MOUTH_Y + 0.15 * action.mouth_curve * (0.45 - _ACROSS**2) + 0.06 * action.lip_skew * _ACROSS
    raised = 0.07 * action.lip_raise * _ARCH * (1 + 0.5 * action.lip_skew * _ACROSS)
    middle = middle + 0.1 * open_ * max(0.0, 1 - abs(action.mouth_curve))
    upper = middle - raised - 0.13 * open_ * _ARCH**0.7
    lower = middle + 0.26 * open_ * _ARCH**0.6 - 0.15 * raised
    lip = 0.062 * person.lip_fullness * (1 - 0.75 * min(1.0, max(0.0, action.lip_press))) * (1 - 0.25 * open_)
    bow = _ARCH**0.7 * (1 - 0.3 * np.exp(-((_ACROSS / 0.16) ** 2)))
    colour = _mix(_dark(person.skin, 0.82), (168, 60, 66), 0.4)
    strokes = []
    if person.beard in ("full", "moustache"):
        tache = _line(1.15 * x, upper - lip * bow - 0.09 * _ARCH**0.5)
        strokes.append(_Stroke(_between(tache, _line(1.15 * x, upper)), _mix(person.skin, person.hair, 0.85)))
    strokes += [
        _Stroke(_between(_line(x, upper - lip * bow), _line(x, np.maximum(middle, upper))), _dark(colour, 0.88)),
        _Stroke(_between(_line(x, middle), _line(x, lower + 1.35 * lip * _ARCH**0.8)), colour),
    ]
    gap = lower - upper
    if gap.max() > 0.03:
        strokes.append(_Stroke(_between(_line(x, upper), _line(x, lower)), (52, 18, 20)))
        if open_ > 0.5:
            strokes.append(
                _Stroke(_between(_line(x, lower - 0.35 * gap * _ARCH), _line(x, lower))[2:-2], (150, 66, 70))
            )
        if action.teeth > 0.12:
            bottom = upper + gap * min(1.0, action.teeth)
            strokes.append(_Stroke(_between(_line(0.92 * x, upper), _line(0.92 * x, bottom)), (238, 234, 224)))
    else:
        strokes.append(_Stroke(_line(x, middle), _dark(person.skin, 0.32), 0.026))
    return strokes


def _glasses(person: Person) -> list[_Stroke]:
    frame, gap = (38, 34, 36), 0.36 * person.eye_gap
    strokes = []
    for side in (-1, 1):
        rim = _oval(side * gap, _EYES_Y + 0.03, 0.265, 0.22)
        strokes.append(_Stroke(np.concatenate([rim, rim[:1]]), frame, 0.032))
        arm = [(side * (gap + 0.26), _EYES_Y), (side * 0.82 * person.head_width, _EYES_Y - 0.05)]
        strokes.append(_Stroke(np.array(arm), frame, 0.032))
    bridge = [(-gap + 0.26, _EYES_Y), (0, _EYES_Y - 0.04), (gap - 0.26, _EYES_Y)]
    return [*strokes, _Stroke(np.array(bridge), frame, 0.032)]


def _shading(person: Person, action: Action, light: float) -> list[_Stroke]:
    """Grey tones over the face that are blurred and multiplied: 128 changes nothing."""
    tip = 0.21 * person.nose_length
    inner = _head_outline(person, _jaw_drop(action), grow=-0.13) + np.array((0.1 * light, 0))
    gap = 0.36 * person.eye_gap
    cheek = 0.5 * max(0.0, action.mouth_curve) + 0.3 * action.squint
    strokes = [
        _Stroke(_oval(0, 1.02, 0.4 * person.head_width, 0.26), 94),
        _Stroke(_head_outline(person, _jaw_drop(action)), round(98 - 8 * abs(light))),
        _Stroke(inner, 128),
        _Stroke(_oval(0.12 * light, -0.62, 0.42, 0.2), 140),
        _Stroke(_oval(0, _MOUTH_Y + 0.22 + 2 * _jaw_drop(action), 0.16, 0.05), 106),
    ]
    for side in (-1, 1):
        strokes.append(_Stroke(_oval(side * gap, _EYES_Y - 0.06, 0.25, 0.15), 108))
        strokes.append(_Stroke(_oval(side * 0.46, 0.19, 0.17, 0.12), round(138 + 10 * cheek + 6 * side * light)))
        side_tone = round(106 + 14 * side * light)
        strokes.append(_Stroke(_oval(side * 0.13 * person.nose_width, 0.02, 0.07, 0.2), side_tone))
    strokes.append(_Stroke(_oval(0.01 * light, 0.0, 0.05, 0.24), 150))
    strokes.append(_Stroke(_oval(0.02 * light, tip - 0.05, 0.08, 0.06), 154))
    return strokes
