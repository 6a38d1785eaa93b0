"""The meaning of a source's class names and numbers: as set by the user, then by known names.

A number has no meaning of its own: 0 is angry in FER2013 and neutral in AffectNet. Its meaning comes from the user,
from the reader of a known data set, or from a legend (`fer_core.sources.lists.legend`); it is never guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, INDEX, is_class_name, parse_expression

LEAVE_OUT = "leave-out"
"""A meaning: faces of this class are counted and left out."""

NUMBERS = "numbers"
"""In the place of a class: all numbers, whose meaning is then one of ORDERS."""

BOXES = "boxes"
"""In the place of a class: the four numbers of boxes in one cell, whose meaning is then one of BOX_FORMS."""

BOX_FORMS = {"xywh": "left, top, width, height", "xyxy": "left, top, right, bottom"}
"""Name -> what the four numbers are, px."""

ORDERS: dict[str, dict[int, str]] = {
    "fer2013": dict(enumerate(EXPRESSIONS)),
    "ferplus": dict(enumerate(
        ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt"))),
    "affectnet": dict(enumerate(
        ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt"))),
    "rafdb": dict(enumerate(("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral"), start=1)),
    "ckplus": dict(enumerate(
        ("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise"))),
}  # fmt: skip
"""Data set -> number -> class, as that data set was published."""


class Unclear(InputError):
    """Something in a source is ambiguous: the user has to decide."""


class UnclearNumbers(Unclear):
    """A source's labels are numbers whose meaning is unknown."""


class UnclearBoxes(Unclear):
    """A source's boxes are four numbers in a cell whose order is unknown."""


@dataclass(frozen=True)
class Classes:
    """The meanings of one source's classes.

    Attributes:
        said: (class as the source spells it, one of EXPRESSIONS or LEAVE_OUT), set by the user; case does not matter.
        order: the name in ORDERS that the user set for numbers, or "".
        boxes: the name in BOX_FORMS that the user set for boxes, or "".
    """

    said: tuple[tuple[str, str], ...] = ()
    order: str = ""
    boxes: str = ""

    def parse(self, label: object) -> str | None:
        """One of EXPRESSIONS for a class, or None if it is excluded or unknown (`is_known` tells which)."""
        meaning = self._said.get(_key(label))
        return parse_expression(label) if meaning is None else meaning if meaning in INDEX else None

    def is_known(self, label: object) -> bool:
        """True for a class that has a meaning, including that of being excluded."""
        return _key(label) in self._said or _key(label) == LEAVE_OUT or is_class_name(label)

    @cached_property
    def numbers(self) -> dict[int, str]:
        """Number -> class as set by the user; {} if nothing is set."""
        said = {int(name): meaning for name, meaning in self._said.items() if name.isdecimal()}
        return {**ORDERS.get(self.order, {}), **said}

    def merge_numbers(self, known: Mapping[int, str]) -> dict[int, str]:
        """Number -> class: a known order, except for the numbers that the user sets otherwise.

        Args:
            known: number -> class, from a data set or a legend; ignored if the user has named an order.
        """
        return {**({} if self.order else known), **self.numbers}

    @cached_property
    def _said(self) -> dict[str, str]:
        return {_key(name): meaning for name, meaning in self.said}


KNOWN_NAMES = Classes()
"""Where a person has said nothing."""


def check_meanings(meanings: Iterable[tuple[str, str]]) -> None:
    """Returns if each meaning is a valid one.

    Args:
        meanings: ("[SOURCE:]CLASS", meaning) pairs, as in a recipe.

    Raises:
        InputError: listing the valid meanings.
    """
    for name, meaning in meanings:
        own = {NUMBERS: tuple(ORDERS), BOXES: tuple(BOX_FORMS)}
        allowed = own.get(name.rpartition(":")[2].lower(), (*EXPRESSIONS, LEAVE_OUT))
        if meaning not in allowed:
            raise InputError(f"{name} cannot mean {meaning!r}: choose one of {', '.join(allowed)}.")


def classes_of(source: str, meanings: Iterable[tuple[str, str]]) -> Classes:
    """The meanings for one source: those without a source, overridden by those that name it (`SOURCE:CLASS`)."""
    common, own, order, boxes = [], [], "", ""
    for name, meaning in meanings:
        where, colon, label = name.partition(":")
        if colon and where != source:
            continue
        if (label if colon else name).lower() == NUMBERS:
            order = meaning
        elif (label if colon else name).lower() == BOXES:
            boxes = meaning
        elif colon:
            own.append((label, meaning))
        else:
            common.append((name, meaning))
    return Classes((*common, *own), order, boxes)


def check_numbers(numbers: Iterable[int], order: Iterable[int], where: str) -> None:
    """Returns if the numbers fit the order, and do not also fit one that starts one higher or one lower.

    Orders start from 0 or from 1. The numbers 1 to 6 alone fit both 0 to 6 and 1 to 7, so the lowest number of an
    order from 0, or the highest of one from 1, must be among them.

    Args:
        numbers: in a source's labels; numbers far outside the order are ignored.
        order: the numbers of the order, consecutive.
        where: what has these numbers, at the start of the message.

    Raises:
        InputError: with the next step.
    """
    found, known = set(numbers), sorted(order)
    low, high = known[0], known[-1]
    other = range(low - 1, high) if low else range(low + 1, high + 2)
    sure, wrong = (high, low - 1) if low else (low, high + 1)
    if found and (wrong in found or sure not in found):
        raise UnclearNumbers(
            f"{where} has the numbers {', '.join(map(str, sorted(found)[:12]))}, which may run from {low} to "
            f"{high} or from {other[0]} to {other[-1]}. State their meaning with --meaning numbers="
            f"{'|'.join(ORDERS)}, or add a legend.csv beside it with one line per number, for example 1,angry."
        )


def parse_meaning(text: str) -> tuple[str, str]:
    """`[SOURCE:]CLASS=EXPRESSION` as a pair.

    Raises:
        InputError: if it has another form.
    """
    name, equals, meaning = text.rpartition("=")
    if not (equals and name.strip() and meaning.strip()):
        raise InputError(f"--meaning {text!r}: expected CLASS=EXPRESSION, for example furious=angry or numbers=rafdb.")
    return name.strip(), meaning.strip().lower()


def _key(label: object) -> str:
    return str(label).strip().lower()
