"""Which number stands for which expression, as a file beside the list or a column's name says it.

A file `legend.csv`, `legend.txt` or `classes.txt` has a line each, such as `0,angry` or `0 = angry`. A column may
say it itself, `label (0=angry 1=disgust ...)`, or have fer2013 in its name for FER2013's order.
"""

import re
from pathlib import Path

from fer_core.data.csv_files import read_text
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS

LEGEND_NAMES = ("legend.csv", "legend.txt", "classes.txt")
_PAIR = re.compile(r"(\d+)\s*[=:,;\s]\s*([A-Za-z][A-Za-z-]*)")
_NUMBER = re.compile(r"\d+(\.0*)?")
FER2013_LEGEND = dict(enumerate(EXPRESSIONS))


def find_legend(folder: Path, column: str = "") -> dict[int, str]:
    """Number -> class name, from the column's name or else from a file in `folder`; {} when neither says it.

    Raises:
        InputError: when one number has two names, or the file has no line of number and name.
    """
    if "fer2013" in column.lower():
        return FER2013_LEGEND
    pairs = _PAIR.findall(column)
    where = f"the column {column!r}"
    if not pairs:
        file = next((folder / name for name in LEGEND_NAMES if (folder / name).is_file()), None)
        if file is None:
            return {}
        pairs, where = _PAIR.findall(read_text(file)), str(file)
        if not pairs:
            raise InputError(f"{where} has no line such as 0,angry. Write a number and its class in each, or move it.")
    legend: dict[int, str] = {}
    for number, name in pairs:
        if legend.setdefault(int(number), name) != name:
            raise InputError(f"{where} calls {number} both {legend[int(number)]} and {name}. Keep the right one.")
    return legend


def is_number(label: str) -> bool:
    """True for a whole number as tables write it: 3 or 3.0."""
    return bool(_NUMBER.fullmatch(label.strip()))


def name_label(label: str, legend: dict[int, str]) -> str:
    """The class that the legend gives a number; any other label comes back as it is."""
    return legend.get(int(float(label)), label) if is_number(label) else label
