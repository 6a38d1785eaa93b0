"""From the numbers of one cell or one row to one grey face."""

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from math import isqrt

import numpy as np

SIDE_PX = 48
_MIN_SIDE_PX = 8
_TO_SPACE = bytes.maketrans(b",;|[](){}\"'\t\r\n", b" " * 14)
_WRONG = "a pixel is not a whole number from 0 to 255"


@contextmanager
def strict_numbers() -> Iterator[None]:
    """Inside the block, a number followed by anything else is an error (numpy only warns); parse faces inside it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        yield


class FaceParser:
    """Parses faces of one side; decimals are rounded, and pixels from 0 to 1 are recognised from the whole file.

    Args:
        side: of the faces, px.

    Attributes:
        unit: keys of the faces with fractions and no pixel above 1, already scaled to 0 to 255.
        small: keys of the faces with only 0 and 1.
        n_rounded: faces with fractions above 1.
        is_full: whether any face has a pixel above 1.
    """

    def __init__(self, side: int = SIDE_PX) -> None:
        self.side = side
        self.unit: list[int] = []
        self.small: list[int] = []
        self.n_rounded = 0
        self.is_full = False

    def parse(self, text: bytes, key: int) -> np.ndarray:
        """(side, side) uint8.

        Args:
            text: numbers separated by spaces, commas or the like, perhaps in brackets or quotes.
            key: the face's row, for `unit` and `small`.

        Raises:
            ValueError: with a phrase, for another count or an invalid pixel.
        """
        values = _parse_whole(text)
        if values is None:
            values = _parse_decimals(text.translate(_TO_SPACE))
        if len(values) != self.side**2:
            raise ValueError(self._explain_count(len(values)))
        is_whole = values.dtype.kind == "i"
        peak = values.view(np.uint64).max() if is_whole else values.max()  # negative ones are then the largest
        if not (peak <= 255 and (is_whole or values.min() >= 0)):  # not: NaN
            raise ValueError(_WRONG)
        if not is_whole and not np.array_equal(values, np.rint(values)):
            if peak <= 1:
                self.unit.append(key)
                values = values * 255
            else:
                self.n_rounded += 1
            values = np.rint(values)
        elif peak <= 1:
            self.small.append(key)
        self.is_full |= bool(peak > 1)
        return values.astype(np.uint8).reshape(self.side, self.side)

    def _explain_count(self, n: int) -> str:
        text = f"expected {self.side**2} pixels ({self.side}x{self.side}), got {n}"
        return f"{text}; colour pictures cannot be read from a CSV" if n == 3 * self.side**2 else text


def find_side(cells: Iterable[bytes]) -> int:
    """The side of most of these faces, px; SIDE_PX if none is square."""
    counts = Counter(len(cell.translate(_TO_SPACE).split()) for cell in cells)
    sides = [side for n, _ in counts.most_common() if (side := square_side(n))]
    return sides[0] if sides else SIDE_PX


def square_side(n: int) -> int:
    """The side of a square of n pixels; 0 if n is not the square of a face's side."""
    side = isqrt(n)
    return side if side**2 == n and side >= _MIN_SIDE_PX else 0


def _parse_whole(text: bytes) -> np.ndarray | None:
    for plain in (True, False):
        cell = text.strip(b'" \t\r\n') if plain else text.translate(_TO_SPACE).strip()
        with suppress(ValueError, DeprecationWarning):
            return np.fromstring(cell, np.int64, sep=" ")  # several times as fast as int()
    return None


def _parse_decimals(text: bytes) -> np.ndarray:
    try:
        return np.fromstring(text.strip(), np.float64, sep=" ")
    except (ValueError, DeprecationWarning) as error:
        raise ValueError(_WRONG) from error
