"""What a source's class names and numbers mean: what a person says of them, then what is known of names.

A number means nothing by itself: 0 is angry in FER2013 and neutral in AffectNet. It gets its meaning from the person,
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
    """Something in a source may mean two things: the person has to say which."""


class UnclearNumbers(Unclear):
    """A source's labels are numbers, and nothing says which expression each is."""


class UnclearBoxes(Unclear):
    """A source's boxes are four numbers in a cell, and nothing says which."""


@dataclass(frozen=True)
class Classes:
    """The meanings of one source's classes.

    Attributes:
        said: (class as the source spells it, one of EXPRESSIONS or LEAVE_OUT), by a person; case does not matter.
        order: the name in ORDERS by which a person says numbers are to be read, or "".
        boxes: the name in BOX_FORMS by which a person says boxes are to be read, or "".
    """

    said: tuple[tuple[str, str], ...] = ()
    order: str = ""
    boxes: str = ""

    def parse(self, label: object) -> str | None:
        """One of EXPRESSIONS for a class, or None where it is left out or not known (`is_known` tells which)."""
        meaning = self._said.get(_key(label))
        return parse_expression(label) if meaning is None else meaning if meaning in INDEX else None

    def is_known(self, label: object) -> bool:
        """True for a class that has a meaning, also that of being left out."""
        return _key(label) in self._said or _key(label) == LEAVE_OUT or is_class_name(label)

    @cached_property
    def numbers(self) -> dict[int, str]:
        """Number -> class, where a person has said what numbers mean; {} where nobody has."""
        said = {int(name): meaning for name, meaning in self._said.items() if name.isdecimal()}
        return {**ORDERS.get(self.order, {}), **said}

    def merge_numbers(self, known: Mapping[int, str]) -> dict[int, str]:
        """Number -> class: a known order, but for the numbers of which a person says something else.

        Args:
            known: number -> class, as a data set or a legend has it; without effect where a person has named an order.
        """
        return {**({} if self.order else known), **self.numbers}

    @cached_property
    def _said(self) -> dict[str, str]:
        return {_key(name): meaning for name, meaning in self.said}


KNOWN_NAMES = Classes()
"""Where a person has said nothing."""


def check_meanings(meanings: Iterable[tuple[str, str]]) -> None:
    """Returns when each meaning is one that there is.

    Args:
        meanings: ("[SOURCE:]CLASS", meaning) pairs, as a recipe has them.

    Raises:
        InputError: naming the meanings that there are.
    """
    for name, meaning in meanings:
        own = {NUMBERS: tuple(ORDERS), BOXES: tuple(BOX_FORMS)}
        allowed = own.get(name.rpartition(":")[2].lower(), (*EXPRESSIONS, LEAVE_OUT))
        if meaning not in allowed:
            raise InputError(f"{name} cannot mean {meaning!r}: choose one of {', '.join(allowed)}.")


def classes_of(source: str, meanings: Iterable[tuple[str, str]]) -> Classes:
    """The meanings for one source: those that name it (`SOURCE:CLASS`), and before them those that name none."""
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
    """Returns when the numbers can be counted as the order counts them, and not as well from one more or one less.

    Orders count from 0 or from 1. The numbers 1 to 6 alone fit both 0 to 6 and 1 to 7, so the lowest number of an
    order from 0, or the highest of one from 1, must be among them.

    Args:
        numbers: those that a source's labels have; numbers far outside the order are not looked at.
        order: the numbers of the order, consecutive.
        where: what has these numbers, at the start of the message.

    Raises:
        InputError: with the way on.
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
        InputError: when it has another form.
    """
    name, equals, meaning = text.rpartition("=")
    if not (equals and name.strip() and meaning.strip()):
        raise InputError(f"--meaning {text!r}: expected CLASS=EXPRESSION, for example furious=angry or numbers=rafdb.")
    return name.strip(), meaning.strip().lower()


def _key(label: object) -> str:
    return str(label).strip().lower()
