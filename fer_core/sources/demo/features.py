"""The parts of a drawn face as strokes: body, head, hair, the features that an expression moves, and shading."""

import numpy as np

from fer_core.sources.demo.look import Action, Person
from fer_core.sources.demo.strokes import Stroke, between, curve, dark, mix, oval

NO_SHADE = 128  # grey of the shading where nothing changes
_EYES_Y, _MOUTH_Y = -0.19, 0.51
_ACROSS = np.linspace(-1, 1, 11)
_ALONG = np.linspace(0, 1, 6)  # from the inner to the outer end of a brow
_ARCH = 1 - _ACROSS**2
_LEFT_SHOULDER = [(-0.45, 1.22), (-0.9, 1.34), (-1.3, 1.45), (-1.58, 1.6), (-1.76, 1.85), (-1.95, 6.0)]
_SHOULDERS = np.array(_LEFT_SHOULDER + [(-x, y) for x, y in _LEFT_SHOULDER[::-1]])
_NECK = np.array([(-0.46, 0.5), (-0.46, 1.12), (-0.58, 1.3), (0, 1.62), (0.58, 1.3), (0.46, 1.12), (0.46, 0.5)])
_HALF_TURN = np.linspace(0, np.pi, 15)
_COS, _SIN = np.cos(_HALF_TURN), np.sin(_HALF_TURN)


def _head_outline(person: Person, jaw_drop: float = 0.0, grow: float = 0.0) -> np.ndarray:
    width = 0.8 * person.head_width + grow
    chin = 0.98 * person.chin + jaw_drop + grow
    top = curve(-width * _COS, -0.05 - (1.0 + grow) * _SIN)
    bottom = curve(width * np.sign(_COS) * np.abs(_COS) ** (0.78 * person.jaw), -0.05 + chin * _SIN)
    return np.concatenate([top, bottom[1:-1]])


def _jaw_drop(action: Action) -> float:
    return 0.12 * max(0.0, action.mouth_open)


def body(person: Person) -> list[Stroke]:
    """Long hair behind, then neck and shoulders."""
    strokes = []
    width = 0.8 * person.head_width
    if person.hair_style == "long":
        out = width + person.hair_volume + 0.05
        left = [(-0.5, -0.9), (0.08 - out, -0.5), (-out, 0.0), (-out - 0.06, 0.6), (-out, 1.2), (0.12 - out, 1.5)]
        both = np.array(left + [(-x, y) for x, y in left[::-1]])
        strokes.append(Stroke(both, dark(person.hair, 0.8)))
    if person.hair_style == "bun":
        strokes.append(Stroke(oval(0, -1.25, 0.36, 0.3), dark(person.hair, 0.85)))
    strokes.append(Stroke(_SHOULDERS, person.clothes))
    strokes.append(Stroke(_NECK * (person.head_width, 1), dark(person.skin, 0.82)))
    return strokes


def head(person: Person, action: Action) -> list[Stroke]:
    """Ears, skull, hair and beard."""
    width, skin, hair = 0.8 * person.head_width, person.skin, person.hair
    strokes = []
    if person.hair_style != "long":
        strokes += [Stroke(oval(side * (width + 0.02), 0.05, 0.1, 0.2), dark(skin, 0.88)) for side in (-1, 1)]
    strokes.append(Stroke(_head_outline(person, _jaw_drop(action)), skin))
    strokes += _folds(person, action)
    if person.beard in ("stubble", "full"):
        strokes.extend(_beard(person, action))
    if person.hair_style == "bald":
        return strokes
    volume = person.hair_volume * (0.35 if person.hair_style == "cropped" else 1.0)
    turn = np.linspace(-0.2, np.pi + 0.2, 48) if person.hair_style == "curly" else _HALF_TURN
    thick = volume + (0.035 * np.cos(15 * turn) if person.hair_style == "curly" else 0.0)
    outer = curve(-(width + thick) * np.cos(turn), -0.02 - (1.02 + thick) * np.sin(turn))
    reach = {"long": 0.5, "curly": 0.2, "fringe": 0.1}.get(person.hair_style, -0.05)
    inner_x = np.array([-0.99, -0.93, -0.8, -0.45, 0.0, 0.45, 0.8, 0.93, 0.99]) * width
    line = person.hairline
    inner_y = np.array([reach, -0.25, line + 0.18, line + 0.02, line - 0.02, line + 0.02, line + 0.18, -0.25, reach])
    if person.hair_style == "side":
        inner_y[2:7] += np.array([0.14, 0.1, 0.02, -0.07, -0.12])
    if person.hair_style == "fringe":
        inner_y[2:7] = -0.48
    strokes.append(Stroke(between(outer, curve(inner_x, inner_y)), hair))
    shine = curve(-0.7 * width * _COS[4:8], -0.06 - (0.94 + 0.5 * volume) * _SIN[4:8])
    strokes.append(Stroke(shine, mix(hair, (255, 255, 255), 0.07), 0.05))
    return strokes


def _beard(person: Person, action: Action) -> list[Stroke]:
    outline = _head_outline(person, _jaw_drop(action), grow=0.03 if person.beard == "full" else -0.01)
    lower = outline[len(_COS) - 1 :][::-1]  # from the left ear over the chin to the right ear
    share = 0.8 if person.beard == "full" else 0.28
    right = [(0.7, 0.1), (0.62, 0.3), (0.48, 0.4), (0.22, 0.36)]
    edge = np.array(right + [(-x, y) for x, y in right[::-1]]) * (person.head_width, 1)
    return [Stroke(np.concatenate([lower, edge]), mix(person.skin, person.hair, share))]


def face(person: Person, action: Action) -> list[Stroke]:
    """Eyes, brows, nose, lines, mouth and glasses, as the muscles have moved them."""
    strokes = _nose(person, action)
    for side in (-1, 1):
        strokes += _eye(person, action, side)
        strokes.append(_brow(person, action, side))
    strokes += _mouth(person, action)
    if person.glasses:
        strokes += _glasses(person)
    return strokes


def _eye(person: Person, action: Action, side: int) -> list[Stroke]:
    x0 = side * 0.36 * person.eye_gap
    half_width = 0.175 * person.eye_size
    x = x0 + half_width * _ACROSS
    outward = side * _ACROSS
    open_ = 0.095 * person.eye_size * max(0.15, 1 + 0.55 * action.eye_open)
    upper = _EYES_Y - open_ * _ARCH**0.8 + 0.035 * action.lid_droop * np.clip(outward + 0.6, 0, None)
    lower = _EYES_Y + (0.055 * person.eye_size) * (1 - 0.55 * action.squint + 0.15 * action.eye_open) * _ARCH
    upper = np.minimum(upper - 0.012 * outward, lower - 0.012)
    iris = oval(x0, _EYES_Y - 0.012, 0.082 * person.eye_size, 0.082 * person.eye_size)
    pupil = oval(x0, _EYES_Y - 0.012, 0.04 * person.eye_size, 0.04 * person.eye_size)
    for disc in (iris, pupil):
        disc[:, 1] = np.clip(disc[:, 1], np.interp(disc[:, 0], x, upper), np.interp(disc[:, 0], x, lower))
    crease = curve(x, upper - 0.045 - 0.02 * action.eye_open)[1:-1]
    lash = dark(person.skin, 0.22)
    strokes = [
        Stroke(crease, dark(person.skin, 0.72), 0.02),
        Stroke(between(curve(x, upper), curve(x, lower)), (236, 232, 228)),
        Stroke(iris, person.iris),
        Stroke(pupil, (14, 12, 12)),
        Stroke(curve(x, lower), dark(person.skin, 0.68), 0.014),
        Stroke(curve(x, upper), lash, 0.034),
    ]
    if open_ > 0.06:
        strokes.insert(4, Stroke(oval(x0 + 0.03, _EYES_Y - 0.035, 0.018, 0.018), (250, 250, 250)))
    return strokes


def _brow(person: Person, action: Action, side: int) -> Stroke:
    along = _ALONG
    x = side * (0.36 * person.eye_gap + 0.23 * along - (0.2 + 0.05 * action.brow_pull) * (1 - along))
    y = _EYES_Y - 0.23 - 0.085 * action.brow_raise - 0.05 * person.brow_arch * np.sin(along * np.pi)
    y = y - 0.1 * action.brow_inner * (1 - along) ** 1.3 + 0.03 * action.brow_inner * along
    thick = 0.04 * person.brow_thickness * (1 - 0.75 * along**2)
    return Stroke(between(curve(x, y - thick), curve(x, y + thick)), mix(dark(person.hair, 0.75), person.skin, 0.15))


def _nose(person: Person, action: Action) -> list[Stroke]:
    width = 0.15 * person.nose_width * (1 + 0.18 * action.nose_wrinkle)
    tip = 0.21 * person.nose_length - 0.05 * action.nose_wrinkle
    shadow, line = dark(person.skin, 0.8), dark(person.skin, 0.62)
    under = curve(width * _ACROSS, tip + 0.015 + 0.05 * _ARCH)
    strokes = [Stroke(between(curve(width * _ACROSS, tip - 0.01 * _ARCH), under), shadow)]
    for side in (-1, 1):
        wing = [(width * side, tip - 0.08), (width * 1.12 * side, tip - 0.02), (width * 0.95 * side, tip + 0.035)]
        strokes.append(Stroke(np.array(wing), line, 0.02))
        strokes.append(Stroke(oval(0.5 * width * side, tip + 0.02, 0.33 * width, 0.022), dark(person.skin, 0.35)))
    if action.nose_wrinkle > 0.2:
        tone = dark(person.skin, 1 - 0.38 * min(1.0, action.nose_wrinkle))
        for i in range(3):
            y = _EYES_Y + 0.0 + 0.075 * i - 0.03 * _ARCH
            strokes.append(Stroke(curve(0.13 * _ACROSS, y), tone, 0.022))
    return strokes


def _folds(person: Person, action: Action) -> list[Stroke]:
    """Lines beside nose and mouth, between the brows and on the forehead."""
    strokes = []
    smile = max(0.0, action.mouth_curve)
    depth = min(1.0, 0.35 * person.age + 0.55 * smile + 0.55 * action.nose_wrinkle + 0.4 * action.lip_raise)
    if depth > 0.15:
        tone = dark(person.skin, 1 - 0.22 * depth)
        out = 0.36 * person.mouth_width + 0.06 + 0.1 * smile
        for side in (-1, 1):
            fold = [(0.2 * side, 0.14), (0.75 * out * side + 0.04 * side, 0.28), (out * side, 0.45)]
            strokes.append(Stroke(np.array(fold), tone, 0.024))
    frown = action.brow_pull - 0.5 * max(0.0, action.brow_raise)
    if frown > 0.3:
        tone = dark(person.skin, 1 - 0.35 * min(1.0, frown))
        for side in (-1, 1):
            strokes.append(Stroke(np.array([(0.06 * side, -0.46), (0.045 * side, -0.32)]), tone, 0.024))
    lift = action.brow_raise + 0.4 * max(0.0, action.brow_inner) + 0.4 * person.age - 0.45
    if lift > 0.1 and person.hair_style != "fringe":
        tone = dark(person.skin, 1 - 0.25 * min(1.0, lift))
        for y in (-0.68, -0.6):
            strokes.append(Stroke(curve(0.36 * _ACROSS, y - 0.025 * _ARCH), tone, 0.018))
    return strokes


def _mouth(person: Person, action: Action) -> list[Stroke]:
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
    colour = mix(dark(person.skin, 0.82), (168, 60, 66), 0.4)
    strokes = []
    if person.beard in ("full", "moustache"):
        tache = curve(1.15 * x, upper - lip * bow - 0.09 * _ARCH**0.5)
        strokes.append(Stroke(between(tache, curve(1.15 * x, upper)), mix(person.skin, person.hair, 0.85)))
    strokes += [
        Stroke(between(curve(x, upper - lip * bow), curve(x, np.maximum(middle, upper))), dark(colour, 0.88)),
        Stroke(between(curve(x, middle), curve(x, lower + 1.35 * lip * _ARCH**0.8)), colour),
    ]
    gap = lower - upper
    if gap.max() > 0.03:
        strokes.append(Stroke(between(curve(x, upper), curve(x, lower)), (52, 18, 20)))
        if open_ > 0.5:
            strokes.append(Stroke(between(curve(x, lower - 0.35 * gap * _ARCH), curve(x, lower))[2:-2], (150, 66, 70)))
        if action.teeth > 0.12:
            bottom = upper + gap * min(1.0, action.teeth)
            strokes.append(Stroke(between(curve(0.92 * x, upper), curve(0.92 * x, bottom)), (238, 234, 224)))
    else:
        strokes.append(Stroke(curve(x, middle), dark(person.skin, 0.32), 0.026))
    return strokes


def _glasses(person: Person) -> list[Stroke]:
    frame, gap = (38, 34, 36), 0.36 * person.eye_gap
    strokes = []
    for side in (-1, 1):
        rim = oval(side * gap, _EYES_Y + 0.03, 0.265, 0.22)
        strokes.append(Stroke(np.concatenate([rim, rim[:1]]), frame, 0.032))
        arm = [(side * (gap + 0.26), _EYES_Y), (side * 0.82 * person.head_width, _EYES_Y - 0.05)]
        strokes.append(Stroke(np.array(arm), frame, 0.032))
    bridge = [(-gap + 0.26, _EYES_Y), (0, _EYES_Y - 0.04), (gap - 0.26, _EYES_Y)]
    return [*strokes, Stroke(np.array(bridge), frame, 0.032)]


def shading(person: Person, action: Action, light: float) -> list[Stroke]:
    """Grey tones over the face that are blurred and multiplied: 128 changes nothing."""
    tip = 0.21 * person.nose_length
    inner = _head_outline(person, _jaw_drop(action), grow=-0.13) + np.array((0.1 * light, 0))
    gap = 0.36 * person.eye_gap
    cheek = 0.5 * max(0.0, action.mouth_curve) + 0.3 * action.squint
    strokes = [
        Stroke(oval(0, 1.02, 0.4 * person.head_width, 0.26), 94),
        Stroke(_head_outline(person, _jaw_drop(action)), round(98 - 8 * abs(light))),
        Stroke(inner, 128),
        Stroke(oval(0.12 * light, -0.62, 0.42, 0.2), 140),
        Stroke(oval(0, _MOUTH_Y + 0.22 + 2 * _jaw_drop(action), 0.16, 0.05), 106),
    ]
    for side in (-1, 1):
        strokes.append(Stroke(oval(side * gap, _EYES_Y - 0.06, 0.25, 0.15), 108))
        strokes.append(Stroke(oval(side * 0.46, 0.19, 0.17, 0.12), round(138 + 10 * cheek + 6 * side * light)))
        side_tone = round(106 + 14 * side * light)
        strokes.append(Stroke(oval(side * 0.13 * person.nose_width, 0.02, 0.07, 0.2), side_tone))
    strokes.append(Stroke(oval(0.01 * light, 0.0, 0.05, 0.24), 150))
    strokes.append(Stroke(oval(0.02 * light, tip - 0.05, 0.08, 0.06), 154))
    return strokes
