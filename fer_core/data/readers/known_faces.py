"""Whether faces are FER2013's: told by their pixels, whatever their file is called.

`fer2013_faces.txt` has one line for each of FER2013's faces whose digest starts with 00 to 03, about one in 64: the
first 16 digits of the digest, the label, and the rows of fer2013.csv that hold the face. Any part of FER2013 with a few
hundred faces has some of them, and of its own digests that start so nearly all are in the list.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer_core.data.picture import pixels_sha256

_FILE = Path(__file__).with_name("fer2013_faces.txt")
_N_DIGITS = 16
_LAST_MARK = "03"
_MIN_FACES = 3  # fewer of the listed faces say nothing
_MIN_SHARE = 0.9


class Found(NamedTuple):
    """What the listed faces tell of some pixels.

    Attributes:
        is_fer2013: nearly all faces that would be listed, were these FER2013, are so.
        labels: (position, the label that FER2013 gives it) of the listed faces.
        rows: position -> the rows of fer2013.csv that hold the face.
    """

    is_fer2013: bool
    labels: list[tuple[int, int]]
    rows: dict[int, tuple[int, ...]]


def find_known(pixels: np.ndarray) -> Found:
    """Looks for FER2013's faces among (N, H, W) uint8 pixels."""
    digests = [pixels_sha256(face) for face in pixels]
    marked = [(i, digest[:_N_DIGITS]) for i, digest in enumerate(digests) if is_marked(digest)]
    known = {i: _listed()[digest] for i, digest in marked if digest in _listed()}
    is_fer2013 = len(known) >= max(_MIN_FACES, _MIN_SHARE * len(marked))
    labels = [(i, label) for i, (label, _) in known.items()]
    return Found(is_fer2013, labels, {i: rows for i, (_, rows) in known.items()})


def find_other_order(found: Found, numbers: Iterable[int]) -> tuple[int, int] | None:
    """(a number, FER2013's number for most of the faces that have it) where the two differ, None where none do.

    Args:
        found: what is known of the faces.
        numbers: of every face, in order; corrected labels of some faces do not matter.
    """
    numbers = list(numbers)
    by_number: dict[int, Counter[int]] = {}
    for i, label in found.labels:
        by_number.setdefault(numbers[i], Counter())[label] += 1
    for number, labels in sorted(by_number.items()):
        most, n = labels.most_common(1)[0]
        if most != number and n >= _MIN_FACES and n > labels.total() / 2:
            return number, most
    return None


def is_marked(digest: str) -> bool:
    """True for a digest that is listed if its face is FER2013's."""
    return digest[:2] <= _LAST_MARK


def format_listed(faces: Iterable[tuple[str, int, int]]) -> str:
    """The text of `fer2013_faces.txt` from all faces of fer2013.csv: (digest, label, row)."""
    found: dict[str, tuple[int, list[int]]] = {}
    for digest, label, row in faces:
        if is_marked(digest):
            found.setdefault(digest[:_N_DIGITS], (label, []))[1].append(row)
    return "".join(f"{key} {label} {','.join(map(str, rows))}\n" for key, (label, rows) in sorted(found.items()))


@cache
def _listed() -> dict[str, tuple[int, tuple[int, ...]]]:
    lines = (line.split() for line in _FILE.read_text().splitlines())
    return {key: (int(label), tuple(map(int, rows.split(",")))) for key, label, rows in lines}
