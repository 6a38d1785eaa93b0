"""The boxes of the faces in AffectNet's whole photographs, from the columns of its 2017 CSV."""

import math

import pandas as pd

_COLUMNS = ("face_x", "face_y", "face_width", "face_height")
_READ = (*_COLUMNS, "subdirectory_filepath", "expression")


class Boxes:
    """The boxes of one CSV.

    Args:
        table: of strings, indexed by row number.
        file_name: of the CSV, for the notes.

    Attributes:
        notes: a sentence if the CSV has no boxes.
        unused: its columns that are not read.
    """

    def __init__(self, table: pd.DataFrame, file_name: str) -> None:
        by_key = {str(column).lower(): column for column in table}
        missing = [column for column in _COLUMNS if column not in by_key]
        self.notes = [f"{file_name} has no {', '.join(missing)}: each image is used whole as a face"] if missing else []
        read = _READ if not missing else _READ[len(_COLUMNS) :]
        self.unused = [str(column) for key, column in by_key.items() if key and key not in read]
        columns = [] if missing else [table[by_key[column]] for column in _COLUMNS]
        self._of = dict(zip(table.index, zip(*columns, strict=True), strict=True)) if columns else {}

    def find(self, row: int) -> str:
        """The row's box as `fer_core.sources.records` writes it, "" if the CSV has none.

        Raises:
            ValueError: with a phrase, if it is not a box.
        """
        return parse_box(self._of[row]) if self._of else ""


def parse_box(fields: tuple[str, ...]) -> str:
    """ "left,top,right,bottom" in px from x, y, width and height as a list gives them.

    Raises:
        ValueError: with a phrase, if a number is missing or the box is empty.
    """
    try:
        x, y, width, height = map(float, fields)
    except ValueError:
        x = math.nan
    if not math.isfinite(x) or not all(map(math.isfinite, (y, width, height))):
        raise ValueError(f"its box {' '.join(map(str.strip, fields))!r} is not four numbers")
    if width < 1 or height < 1:
        raise ValueError(f"its box is empty: {width:g} x {height:g} px")
    left, top = round(x), round(y)
    return f"{left},{top},{left + round(width)},{top + round(height)}"
