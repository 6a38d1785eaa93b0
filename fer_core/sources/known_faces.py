"""Recognising FER2013's faces by their pixels, independently of file names.

`fer2013_faces.txt` has one line for each of FER2013's faces whose digest starts with 00 to 03, about one in 64: the
first 16 digits of the digest, the label, and the rows of fer2013.csv with the face. Any part of FER2013 with a few
hundred faces contains some of them, and nearly all of its digests that start this way are in the list.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer_core.labels import EXPRESSIONS
from fer_core.pictures.picture import pixels_sha256

_FILE = Path(__file__).with_name("fer2013_faces.txt")
_N_DIGITS = 16
_LAST_MARK = "03"
_MIN_KNOWN = 2  # fewer of the listed faces say nothing
_MIN_FACES = 3  # with one number, to speak against it
_MIN_SHARE = 0.9
_MIN_SAME = 0.5  # of the listed faces have FER2013's number, where there are a few of each number
_MIN_SAME_OF_FEW = 0.8


class Found(NamedTuple):
    """The listed faces found among some pixels.

    Attributes:
        is_fer2013: nearly all faces that should be listed if these are FER2013's are listed.
        labels: (position, FER2013's label) of the listed faces.
        rows: position -> the rows of fer2013.csv with the face.
    """

    is_fer2013: bool
    labels: list[tuple[int, int]]
    rows: dict[int, tuple[int, ...]]


def find_known(pixels: np.ndarray) -> Found:
    """Looks for FER2013's faces among (N, H, W) uint8 pixels."""
    digests = [pixels_sha256(face) for face in pixels]
    marked = [(i, digest[:_N_DIGITS]) for i, digest in enumerate(digests) if is_marked(digest)]
    known = {i: _listed()[digest] for i, digest in marked if digest in _listed()}
    is_fer2013 = len(known) >= max(_MIN_KNOWN, _MIN_SHARE * len(marked))
    labels = [(i, label) for i, (label, _) in known.items()]
    return Found(is_fer2013, labels, {i: rows for i, (_, rows) in known.items()})


def is_own_order(found: Found, numbers: Sequence[int]) -> bool:
    """Whether the numbers are FER2013's: nearly all listed faces have theirs, or most in total and of each number.

    Args:
        found: the listed faces.
        numbers: of every face, in order, -1 for one without; corrected labels of some faces do not matter.
    """
    by_number: dict[int, Counter[int]] = {}
    for i, label in found.labels:
        if numbers[i] >= 0:
            by_number.setdefault(numbers[i], Counter())[label] += 1
    n_same, n = sum(labels[number] for number, labels in by_number.items()), sum(map(Counter.total, by_number.values()))
    sure = {number for number, labels in by_number.items() if labels.total() >= _MIN_FACES}
    if any(2 * by_number[number][number] < by_number[number].total() for number in sure):
        return False
    if not _tells_from_alphabet(by_number, numbers):
        return False
    is_each_sure = {number for number in numbers if 0 <= number < len(EXPRESSIONS)} <= sure
    return n >= _MIN_KNOWN and n_same >= (_MIN_SAME if is_each_sure else _MIN_SAME_OF_FEW) * n


def _tells_from_alphabet(by_number: Mapping[int, Counter[int]], numbers: Iterable[int]) -> bool:
    """Whether a listed face rules out alphabetical order, which agrees with FER2013's in the first four classes.

    Also True if no face has a number whose class differs between the two.
    """
    by_name = sorted(EXPRESSIONS)
    present = {number for number in numbers if 0 <= number < len(EXPRESSIONS)}
    differing = {number for number in present if by_name[number] != EXPRESSIONS[number]}
    return not differing or any(number in by_number and by_number[number][number] for number in differing)


def share_named(found: Found, names: Sequence[str | None]) -> float:
    """The share of the listed faces with FER2013's class, among those whose name is not ""; 0 without any.

    Args:
        found: the listed faces.
        names: the class of every face, in order.
    """
    same = [names[i] == EXPRESSIONS[label] for i, label in found.labels if names[i] != ""]
    return sum(same) / len(same) if same else 0.0


def is_marked(digest: str) -> bool:
    """True for a digest that would be in the list if its face were FER2013's."""
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
