"""A data set of drawn faces, for trying everything out without a real data set.

Contents: grey faces with the seven expressions, drawn by code, so free of any licence and of anybody's likeness.
Deliberate faults: some labels are wrong, some faces are between two expressions, many expressions are weak.
Drawings are easier than photographs: a model trained on them says little about real faces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS
from fer_core.sources.demo.drawing import paint_people
from fer_core.sources.demo.look import Action, Colour, Person, Pose

_AMBIGUOUS_SHARE = 0.12
_OVERSAMPLE = 3
_REPORT_EVERY = 50

# The fields of Action in order: brow raise, inner, pull; eye open, lid droop, squint; nose wrinkle, lip raise;
# mouth curve, open, teeth, width; lip press, skew.
_MEANS = {
    "angry": (-0.7, -0.9, 0.9, -0.1, 0.0, 0.5, 0.25, 0.1, -0.35, 0.1, 0.3, 0.0, 0.6, 0.0),
    "disgust": (-0.5, -0.5, 0.6, -0.45, 0.1, 0.7, 0.9, 0.9, -0.45, 0.1, 0.5, -0.05, 0.1, 0.2),
    "fear": (0.6, 0.75, 0.7, 0.9, 0.0, 0.0, 0.0, 0.15, -0.3, 0.4, 0.5, 0.35, 0.2, 0.0),
    "happy": (0.1, 0.0, 0.0, -0.2, 0.0, 0.7, 0.1, 0.2, 1.0, 0.35, 0.8, 0.45, 0.1, 0.0),
    "sad": (-0.05, 0.8, 0.5, -0.3, 0.8, 0.1, 0.0, 0.0, -0.75, 0.0, 0.1, -0.15, 0.1, 0.0),
    "surprise": (1.0, 0.15, 0.0, 0.9, 0.0, 0.0, 0.0, 0.0, -0.05, 0.9, 0.15, -0.5, 0.0, 0.0),
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.1, 0.0),
}
_SPREAD = np.array((0.22, 0.2, 0.18, 0.22, 0.18, 0.18, 0.12, 0.14, 0.2, 0.12, 0.25, 0.15, 0.18, 0.16))
_LOWEST = np.array((-1.2, -1.2, 0, -1, 0, 0, 0, 0, -1.2, 0, 0, -0.7, 0, -0.7))
_HIGHEST = np.array((1.3, 1.2, 1.2, 1.2, 1.1, 1, 1.2, 1.2, 1.3, 1.2, 0.9, 0.8, 1, 0.7))
_CONFUSED = {
    "angry": ("disgust", "neutral"),
    "disgust": ("angry", "sad"),
    "fear": ("surprise", "sad"),
    "happy": ("neutral", "surprise"),
    "sad": ("neutral", "fear"),
    "surprise": ("fear", "happy"),
    "neutral": ("sad", "angry"),
}

_SKINS: tuple[Colour, ...] = (
    (238, 202, 178),
    (226, 184, 154),
    (214, 168, 132),
    (196, 148, 110),
    (166, 116, 82),
    (132, 88, 60),
    (98, 64, 46),
)
_DARK_HAIR: tuple[Colour, ...] = ((22, 18, 18), (38, 28, 24), (62, 42, 30))
_LIGHT_HAIR: tuple[Colour, ...] = ((104, 68, 42), (128, 66, 38), (178, 138, 84), (210, 178, 120))
_GREY_HAIR: tuple[Colour, ...] = ((128, 126, 124), (178, 175, 170))
_IRISES: tuple[Colour, ...] = ((58, 36, 24), (84, 56, 34), (92, 104, 70), (88, 118, 144))
_CLOTHES: tuple[Colour, ...] = ((58, 84, 128), (150, 62, 60), (74, 112, 88), (206, 200, 188), (52, 52, 60))
_MENS_HAIR = ("bald", "cropped", "short", "short", "side", "curly")
_WOMENS_HAIR = ("long", "long", "bun", "fringe", "curly", "side")
_MENS_BEARDS = ("none", "none", "stubble", "full", "moustache")


@dataclass(frozen=True, kw_only=True)
class DemoFaces:
    """Drawn faces and everything known about them.

    Attributes:
        faces: (N, size, size) uint8 grey.
        expression: (N,) int64 index into EXPRESSIONS: the label that a user sees, wrong for some.
        drawn_expression: (N,) int64, what was drawn; for an ambiguous face, the stronger expression.
        subject: (N,) int64, 0 to n_subjects - 1.
        ambiguous: (N,) bool, drawn near the middle between two expressions.
        wrong_label: (N,) bool, where expression differs from drawn_expression.
    """

    faces: np.ndarray
    expression: np.ndarray
    drawn_expression: np.ndarray
    subject: np.ndarray
    ambiguous: np.ndarray
    wrong_label: np.ndarray


def make_demo_faces(
    n: int = 2100,
    n_subjects: int = 60,
    size: int = 64,
    wrong_share: float = 0.03,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> DemoFaces:
    """Drawn faces in random order, the same number of each expression; every subject shows all of them.

    Args:
        n: faces in all.
        n_subjects: people; each looks different.
        size: side of a face, px.
        wrong_share: share of the faces whose label is replaced by another at random.
        seed: the same seed gives the same faces.
        progress: called regularly with the step, the faces done, and the total.

    Raises:
        InputError: if n is too small for every subject to show every expression.
    """
    if n < n_subjects * N_EXPRESSIONS:
        raise InputError(f"{n_subjects} subjects need at least {n_subjects * N_EXPRESSIONS} faces, got {n}.")
    rng = np.random.default_rng(seed)
    people = [(_make_person(rng), rng.normal(0, 0.12, len(Action._fields))) for _ in range(n_subjects)]
    order = rng.permutation(n)
    drawn, subject = order % N_EXPRESSIONS, order // N_EXPRESSIONS % n_subjects
    ambiguous, wrong = _some(n, _AMBIGUOUS_SHARE, rng), _some(n, wrong_share, rng)
    label = np.where(wrong, (drawn + rng.integers(1, N_EXPRESSIONS, n)) % N_EXPRESSIONS, drawn)
    faces = np.empty((n, size, size), np.uint8)
    for i in range(n):
        person, at_rest = people[subject[i]]
        action = _make_action(EXPRESSIONS[drawn[i]], bool(ambiguous[i]), at_rest, rng)
        faces[i] = _grey_photo(person, action, size, rng)
        if progress and ((i + 1) % _REPORT_EVERY == 0 or i + 1 == n):
            progress("drawing faces", i + 1, n)
    label, drawn, subject = (indices.astype(np.int64) for indices in (label, drawn, subject))
    return DemoFaces(
        faces=faces, expression=label, drawn_expression=drawn, subject=subject, ambiguous=ambiguous, wrong_label=wrong
    )


def _some(n: int, share: float, rng: np.random.Generator) -> np.ndarray:
    chosen = np.zeros(n, bool)
    chosen[rng.choice(n, round(share * n), replace=False)] = True
    return chosen


def _jittered(colour: Colour, spread: float, rng: np.random.Generator) -> Colour:
    parts = np.array(colour) * rng.normal(1, spread) * rng.normal(1, 0.02, 3)
    red, green, blue = np.clip(parts.round(), 0, 255).astype(int).tolist()
    return red, green, blue


def _pick(options: Sequence[Colour], rng: np.random.Generator) -> Colour:
    return options[int(rng.integers(len(options)))]


def _make_person(rng: np.random.Generator) -> Person:
    tone = int(rng.integers(len(_SKINS)))
    age = float(rng.beta(1.3, 2.2))
    man = bool(rng.random() < 0.5)
    light_haired = tone < 3 and rng.random() < 0.6
    hair = _pick(_GREY_HAIR if age > 0.62 else _LIGHT_HAIR if light_haired else _DARK_HAIR, rng)
    styles, beards = (_MENS_HAIR, _MENS_BEARDS) if man else (_WOMENS_HAIR, ("none",))

    def factor(spread: float, middle: float = 1.0) -> float:
        return float(np.clip(rng.normal(middle, spread), middle - 2 * spread, middle + 2 * spread))

    return Person(
        skin=_jittered(_SKINS[tone], 0.025, rng),
        hair=_jittered(hair, 0.06, rng),
        iris=_pick(_IRISES if light_haired else _IRISES[:2], rng),
        clothes=_jittered(_pick(_CLOTHES, rng), 0.08, rng),
        hair_style=str(rng.choice(styles)),
        hair_volume=factor(0.03, 0.13),
        hairline=factor(0.05, -0.74 - 0.06 * man),
        beard=str(rng.choice(beards)),
        glasses=bool(rng.random() < 0.2),
        age=age,
        head_width=factor(0.05, 1.0 if man else 0.95),
        jaw=factor(0.1, 0.88 if man else 1.08),
        chin=factor(0.035),
        eye_size=factor(0.07, 0.96 if man else 1.06),
        eye_gap=factor(0.05),
        brow_thickness=factor(0.18, 1.2 if man else 0.8),
        brow_arch=factor(0.3, 0.7 if man else 1.2),
        nose_width=factor(0.11, 1.08 if man else 0.94),
        nose_length=factor(0.09),
        lip_fullness=factor(0.16, 0.92 if man else 1.12),
        mouth_width=factor(0.07),
    )


def _make_action(expression: str, ambiguous: bool, at_rest: np.ndarray, rng: np.random.Generator) -> Action:
    """Mostly clear, sometimes weak; an ambiguous one has 40 to 50 % of an expression it is often confused with."""
    target = np.array(_MEANS[expression])
    strength = rng.uniform(0.8, 1.15) if ambiguous else 0.35 + 0.8 * rng.beta(2.6, 1.6)
    if ambiguous:
        other = np.array(_MEANS[str(rng.choice(_CONFUSED[expression]))])
        share = rng.uniform(0.4, 0.5)
        target = (1 - share) * target + share * other
    values = strength * target + at_rest + 0.75 * _SPREAD * rng.normal(size=len(target))
    # A closed mouth stays closed: noise alone never parts the lips.
    opening = Action._fields.index("mouth_open")
    values[opening] = values[opening] if target[opening] > 0.05 else 0.0
    return Action(*np.clip(values, _LOWEST, _HIGHEST).tolist())


def _grey_photo(person: Person, action: Action, size: int, rng: np.random.Generator) -> np.ndarray:
    """(size, size) uint8: the face in FER2013's frame, with the image quality typical of such photographs."""
    light = float(np.clip(rng.normal(0, 0.5), -1, 1))
    x, y = size * (0.5 + rng.normal(0, 0.022, 2))
    unit = 0.5 * size * float(np.clip(rng.normal(0.93, 0.05), 0.8, 1.06))
    roll, yaw = float(np.clip(rng.normal(0, 0.085), -0.21, 0.21)), float(np.clip(rng.normal(0, 0.16), -0.4, 0.4))
    wall = int(rng.integers(40, 225))
    canvas = Image.new("RGB", (size * _OVERSAMPLE, size * _OVERSAMPLE), (wall, wall, wall))
    picture, shade = paint_people([(person, action, Pose(x, y, unit, roll, yaw, light))], canvas, _OVERSAMPLE)
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(size / 64 * rng.uniform(0.2, 0.75)))
    across = np.linspace(-1, 1, size, dtype=np.float32)
    slope, lean = 0.28 * light, rng.normal(0, 0.12)
    pixels = np.asarray(grey, np.float32) * shade * (1 + slope * across + lean * across[:, None])
    # Like a camera, exposed for the face's middle, with an error.
    middle = float(pixels[size // 4 : -size // 4, size // 4 : -size // 4].mean())
    gain = (rng.uniform(80, 150) / middle) ** 0.7
    pixels = 128 + rng.uniform(0.75, 1.2) * (gain * pixels - 128)
    pixels += rng.uniform(1.5, 7) * rng.standard_normal((size, size), np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)
