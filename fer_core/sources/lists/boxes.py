"""A face's box in its picture, as lists give it: in four columns, or as four numbers in one cell."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fer_core.errors import InputError
from fer_core.sources.classes import BOX_FORMS, Classes, UnclearBoxes
from fer_core.sources.lists.box_words import FORMS, arrange, find_form
from fer_core.sources.lists.columns import Columns

Size = tuple[int, int]
_OVERRUN = 0.1  # of the picture's side: how far a box may reach over the border, as detectors' boxes do
_MIN_ROWS, _MIN_SHARE = 5, 0.05  # rows that do not fit, from which a form is ruled out
_MIN_PX = 3  # of a face's side: a smaller box is in another unit
_MAX_SHARE = 1.5  # of a detector's box at the border, in shares of the side


def read_boxes(
    table: Mapping[str, Sequence[str]],
    columns: Columns,
    file_name: str,
    classes: Classes,
    sizes: Callable[[], Iterator[Size | None]],
    notes: list[str],
) -> list[str | ValueError]:
    """The box of each row as `fer_core.sources.records` writes it, "" if the row has none, or why it is not a box.

    Args:
        table: column -> its cells.
        columns: those with boxes, one or four.
        file_name: for messages.
        classes: the user's settings.
        sizes: yields (width, height) of each row's picture, upright, px, or None if it cannot be read; called only
            if nothing else says what four numbers in one cell mean.
        notes: receives the sentence on how faces are cropped.

    Raises:
        UnclearBoxes: if the four numbers are ambiguous, and the user has not set their meaning.
        InputError: for shares of the picture that may be a corner or a centre.
    """
    has_size, how, form = columns.box_has_size, "", ""
    if len(columns.box) == 1:
        cells: list[Sequence[str]] = [split_cell(cell) for cell in table[columns.box[0]]]
        form, how = _choose_form(columns.box[0], cells, file_name, classes, sizes)
        has_size = form in ("xywh", "cxcywh")
        cells = [arrange(row, form) for row in cells]
    else:
        cells = [list(row) for row in zip(*(table[name] for name in columns.box), strict=True)]
    in_shares = has_shares(cells, columns.box, "x" in columns.box or form == "xywh")
    word = "column" if len(columns.box) == 1 else "columns"
    in_what = ", in shares of the pictures' sides" if in_shares else ""
    notes.append(f"faces are cropped by the {word} {', '.join(columns.box)}{how}{in_what}")
    return [_try_box(row, has_size, in_shares) for row in cells]


def split_cell(cell: str) -> list[str]:
    """The numbers of a cell such as "10,20,30,40" or "[10 20 30 40]"; four times "" for an empty one."""
    plain = cell.strip().strip("[](){}").strip()
    return re.split(r"\s*[,;]\s*|\s+", plain) if plain else [""] * 4


def has_shares(boxes: Iterable[Sequence[str]], columns: Sequence[str], may_be_centre: bool) -> bool:
    """True if the cells of all boxes are shares of the picture's sides, from 0 to 1 except for some at the border.

    Args:
        boxes: four cells each.
        columns: their names.
        may_be_centre: the first two may be a centre instead of a corner.

    Raises:
        InputError: for shares that may be a corner or a centre, and for small numbers that are neither shares nor px.
    """
    cells = {cell for box in boxes for cell in box if cell.strip()}
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        return False
    fractions = sum(value % 1 != 0 for value in values)
    is_shares = bool(values) and all(0 <= value <= 1 for value in values)
    is_shares |= all(abs(value) <= _MAX_SHARE for value in values) and 0.8 * len(values) <= fractions > 0
    if not is_shares and fractions and all(abs(value) <= 2 for value in values):
        raise InputError(
            f"The boxes in {', '.join(columns)} are neither px nor shares of the picture: they have fractions, and "
            "none is above 2. Write them in px."
        )
    if is_shares and may_be_centre:
        raise InputError(
            f"The boxes in {', '.join(columns)} are in shares of the picture, from 0 to 1, and x and y may "
            "be a corner or the centre. Write them as xmin,ymin,xmax,ymax."
        )
    return is_shares


def read_box(cells: Sequence[str], has_size: bool, in_shares: bool = False) -> str:
    """Four cells as a box of `fer_core.sources.records`, "" if all are empty.

    Args:
        cells: left, top, and right, bottom or width, height.
        has_size: the last two are width and height.
        in_shares: of the picture's sides, not px.

    Raises:
        ValueError: with a phrase, if they are not four numbers or the box is empty.
    """
    if not any(cell.strip() for cell in cells):
        return ""
    try:
        left, top, right, bottom = (float(cell) if in_shares else round(float(cell)) for cell in cells)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"the box {' '.join(cells)} is not four numbers") from error
    if has_size:
        right, bottom = left + right, top + bottom
    if in_shares:
        left, top, right, bottom = (min(max(value, 0.0), 1.0) for value in (left, top, right, bottom))
    if not (left < right and top < bottom):
        raise ValueError(f"the box from {left},{top} to {right},{bottom} is empty")
    if not in_shares and min(right - left, bottom - top) < _MIN_PX:
        raise ValueError(f"the box from {left},{top} to {right},{bottom} is less than {_MIN_PX} px on a side")
    return ",".join(f"{value:.6f}" if in_shares else str(value) for value in (left, top, right, bottom))


def _choose_form(
    column: str,
    cells: Sequence[Sequence[str]],
    file_name: str,
    classes: Classes,
    sizes: Callable[[], Iterator[Size | None]],
) -> tuple[str, str]:
    """The form in BOX_FORMS, and why: set by the user, by the column's name, or the only one that fits the pictures.

    Raises:
        UnclearBoxes: if both fit, or neither.
    """
    named = find_form(column)
    for form, why in ((classes.boxes, "as set with --meaning"), (named, "as its name says")):
        if form:
            return form, f" ({FORMS[form]}, {why})"
    numbers = [_parse(row) for row in cells]
    why = "both fit inside all pictures"
    if named is None:
        why = "the words in brackets are not known"
    elif any(row and max(row) > _MAX_SHARE for row in numbers):
        fitting, why = _find_fitting(numbers, sizes())
        if fitting:
            return fitting, f" ({BOX_FORMS[fitting]}: the only reading that fits inside the pictures)"
    elif any(numbers):
        why = "they are shares of the pictures' sides"
    raise UnclearBoxes(
        f"{file_name} has boxes of four numbers in the column {column}, which may be "
        f"{' or '.join(BOX_FORMS.values())}: {why}. Say which with --meaning boxes={'|'.join(BOX_FORMS)}."
    )


def _find_fitting(numbers: Sequence[Sequence[float]], sizes: Iterable[Size | None]) -> tuple[str, str]:
    """The only form that fits, supported by several rows, or "" and why; a row that fits neither is a bad row."""
    against = dict.fromkeys(BOX_FORMS, 0)
    n = 0
    for row, size in zip(numbers, sizes, strict=True):
        forms = {form for form in BOX_FORMS if row and size and _fits(row, form, size)}
        n += bool(forms)
        for form in BOX_FORMS:
            against[form] += bool(forms) and form not in forms
    enough = min(n, max(_MIN_ROWS, math.ceil(_MIN_SHARE * n)))
    fitting = [form for form in BOX_FORMS if against[form] < enough]
    if len(fitting) == 1:
        return fitting[0], ""
    if all(against.values()):
        return "", "neither fits inside all pictures"
    few = max(against.values())
    return "", f"both fit inside all pictures{f' but {few:,}' if few else ''}"


def _fits(row: Sequence[float], form: str, size: Size) -> bool:
    left, top, right, bottom = row
    if form == "xywh":
        right, bottom = left + right, top + bottom
    x, y = (_OVERRUN * side for side in size)
    inside = left >= -x and top >= -y and right <= size[0] + x and bottom <= size[1] + y
    return inside and left < right and top < bottom


def _parse(row: Sequence[str]) -> list[float]:
    """The four numbers, [] if they are not numbers."""
    try:
        numbers = [float(cell) for cell in row]
    except ValueError:
        return []
    return numbers if len(numbers) == 4 and all(map(math.isfinite, numbers)) else []


def _try_box(row: Sequence[str], has_size: bool, in_shares: bool) -> str | ValueError:
    try:
        return read_box(row, has_size, in_shares)
    except ValueError as error:
        return error
