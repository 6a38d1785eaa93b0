"""Legends: which number means which expression, from a file beside the list or from a column's name.

A legend is `legend.csv`, `legend.txt`, `legend.json` or `classes.txt` (or .json). It has one line per number, with
the number before or after the name (`0,angry`, `angry = 0`), or as JSON `{"0": "angry"}`, `{"angry": 0}` or a list. A
file with one name per line and no numbers counts from 0. A column's name may contain the legend, `label (0=angry
1=disgust ...)`, or the name of a known data set (`label_rafdb`).
"""

import json
import re
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, is_class_name, parse_expression
from fer_core.sources.classes import ORDERS, Classes, UnclearNumbers, check_numbers
from fer_core.sources.lists.csv_files import read_text

LEGEND_NAMES = ("legend.csv", "legend.txt", "legend.json", "classes.txt", "classes.json")
FER2013_LEGEND = dict(enumerate(EXPRESSIONS))
_NUMBER = re.compile(r"\d+(\.0*)?")
_NEGATIVE = re.compile(r"-[1-9]\d*(\.0*)?")
_FIELDS = re.compile(r"\s*[=:,;\t]\s*|\s+")
_NAME = re.compile(r"[^\W\d_][\w-]*( (?!\d+(\.\d*)?( |$))[\w-]+)*")
_PAIR = re.compile(r"\d+(\s*[=:]\s*|\s+)[^\W\d_][\w -]*|[^\W\d_][\w -]*(\s*[=:]\s*|\s+)\d+")
_IN_COLUMN = re.compile(r"(\d+)\s*[=:,;\s]\s*([A-Za-z][A-Za-z-]*)|([A-Za-z][A-Za-z-]*)\s*[=:]\s*(\d+)")


class Legend(NamedTuple):
    """The meaning of numbers.

    Attributes:
        names: number -> class name.
        where: its origin, for notes and messages.
        is_counted: True if the file has only names, so that the numbers are their positions from 0.
    """

    names: dict[int, str]
    where: str
    is_counted: bool = False


def find_legend(folder: Path, column: str = "") -> dict[int, str]:
    """`names` of `read_legend`; {} if there is no legend."""
    legend = read_legend(folder, column)
    return legend.names if legend else {}


def read_legend(folder: Path, column: str = "") -> Legend | None:
    """The legend in a column's name, or else in a file in `folder`; None if there is neither.

    Raises:
        InputError: if a number has two names, or a line of the file is not understood.
    """
    meanings = read_column_legend(column)
    file = None if meanings else find_legend_file(folder)
    if file is None:
        return meanings
    legend = read_legend_file(file)
    for other in (folder / name for name in LEGEND_NAMES if name != file.name and (folder / name).is_file()):
        _check_agreeing(legend, other)
    return legend


def read_column_legend(column: str) -> Legend | None:
    """The legend in a column's name: a known data set's name, or numbers with their classes; None without.

    Raises:
        InputError: if a number has two names.
    """
    order = next((name for name in ORDERS if name in column.lower()), None)
    if order:
        return Legend(dict(ORDERS[order]), f"the column {column!r}")
    pairs = [(int(a or d), b or c) for a, b, c, d in _IN_COLUMN.findall(column)]
    return Legend(_collect(pairs, f"The column {column!r}"), f"the column {column!r}") if pairs else None


def find_legend_file(folder: Path) -> Path | None:
    """The first of LEGEND_NAMES that exists in the folder."""
    return next((folder / name for name in LEGEND_NAMES if (folder / name).is_file()), None)


def read_legend_file(file: Path) -> Legend:
    """The legend in the file.

    Raises:
        InputError: naming the line that is not understood, or the number that has two names.
    """
    text = read_text(file)
    if file.suffix.lower() == ".json":
        pairs = _parse_json(text, file)
        return Legend(_collect(pairs, str(file)), file.name, text.lstrip().startswith("["))
    lines = [(i, part) for i, line in enumerate(text.splitlines(), 1) for part in _split_line(line)]
    parsed = [(i, line, _parse_line(line)) for i, line in lines if not line.startswith("#")]
    if parsed and parsed[0][2] is None and _is_header(parsed[0][1], file):
        del parsed[0]
    if parsed and all(_is_lone_name(line) for _, line, _ in parsed):
        return Legend({i: line.strip("\" '") for i, (_, line, _) in enumerate(parsed)}, file.name, True)
    pairs = []
    for i, line, pair in parsed:
        if pair is None:
            raise InputError(
                f"{file} line {i} ({line[:60]!r}) is not a line such as 0,angry. Write a number and its class in "
                "each line."
            )
        pairs.append(pair)
    if not pairs:
        raise InputError(
            f"{file} has no line such as 0,angry. Write a number and its class in each line, or move the file."
        )
    return Legend(_collect(pairs, str(file)), file.name)


def name_numbers(
    labels: Iterable[str], column: str, file: Path, classes: Classes, own: str = "", notes: list[str] | None = None
) -> dict[int, str]:
    """Number -> class for the labels of a list; {} if none is a number.

    The user's setting comes first, then the column's name, then the known order of the list, then a legend beside the
    file.

    Args:
        labels: from the list; duplicates do not matter.
        column: their column's name.
        file: the list; its folder may contain a legend.
        classes: the user's settings.
        own: the name in ORDERS of the list's known order, or "".
        notes: receives the sentence on how the numbers are read.

    Raises:
        InputError: if the meaning of a number is unknown or ambiguous.
    """
    labels = set(labels)
    numbers = {int(float(label)) for label in labels if is_number(label)}
    if not numbers:
        return {}
    if classes.numbers and (classes.order or numbers <= set(classes.numbers)):
        return classes.numbers
    notes = [] if notes is None else notes
    legend = read_column_legend(column)
    if own and not legend:
        legend, unused = Legend(ORDERS[own], f"{own}'s order"), find_legend_file(file.parent)
        notes.append(f"numbers are read in {own}'s order{f'; {unused.name} beside it is not used' if unused else ''}")
    else:
        legend = legend or _require_legend(file)
        check_covered(numbers, legend, file.name, classes.numbers)
        notes.append(f"numbers are read by {legend.where}")
    _check_negative(labels, legend, file.name)
    return classes.merge_numbers(legend.names)


def _require_legend(file: Path) -> Legend:
    """The legend beside a list whose labels are numbers without any other explanation."""
    legend = read_legend(file.parent)
    if legend is None:
        raise UnclearNumbers(
            f"{file.name} has numbers of unknown meaning as labels. Add a legend.csv beside it with one line per "
            f"number (0,angry ...), or state the meaning with --meaning numbers={'|'.join(ORDERS)}."
        )
    return legend


def is_number(label: str) -> bool:
    """True for a whole number as tables write it: 3 or 3.0."""
    return bool(_NUMBER.fullmatch(label.strip()))


def name_label(label: str, legend: dict[int, str]) -> str:
    """The class that the legend gives a number; any other label is returned unchanged."""
    return legend.get(int(float(label)), label) if is_number(label) else label


def check_covered(numbers: set[int], legend: Legend, where: str, said: Collection[int] = ()) -> None:
    """Returns if a legend names each of the numbers and its numbering is unambiguous.

    Args:
        numbers: in a source's labels.
        legend: their meaning.
        where: what has these numbers, at the start of the message.
        said: numbers whose meaning the user has set, which the legend need not name.

    Raises:
        InputError: with the next step.
    """
    missing = sorted(numbers - set(legend.names) - set(said))
    if missing:
        raise UnclearNumbers(
            f"{where} has the {'label' if len(missing) == 1 else 'labels'} {', '.join(map(str, missing[:9]))}, "
            f"whose meaning {legend.where} does not give. Complete it, or move it away if it belongs to another "
            "data set."
        )
    if legend.is_counted:
        check_numbers(numbers, legend.names, f"{legend.where} has names without numbers, and {where}")


def _check_negative(labels: set[str], legend: Legend, where: str) -> None:
    """Refuses the numbers -1 to 5, which may be 0 to 6 minus one; -1 along with all of 0 to 6 means no label."""
    negative = sorted(label.strip() for label in labels if _NEGATIVE.fullmatch(label.strip()))
    if negative and max(legend.names) not in {int(float(label)) for label in labels if is_number(label)}:
        raise UnclearNumbers(
            f"{where} has the label {negative[0]} but not {max(legend.names)}, so its numbers may be one lower than "
            f"those of {legend.where}. Use the same numbers, or leave missing labels empty."
        )


def _check_agreeing(legend: Legend, file: Path) -> None:
    """Refuses a second legend that names a number differently; a file that is not a legend is ignored."""
    try:
        other = read_legend_file(file)
    except InputError:
        return
    for number in sorted(legend.names.keys() & other.names.keys()):
        one, two = (names[number].strip().lower() for names in (legend.names, other.names))
        if (parse_expression(one) or one) != (parse_expression(two) or two):
            raise InputError(
                f"{legend.where} calls {number} {one}, but {file.name} calls it {two}. Keep the correct one."
            )


def _split_line(line: str) -> list[str]:
    """The line, or its parts if it has several pairs (0=angry, 1=disgust); [] for an empty one."""
    parts = [part.strip() for part in re.split(r"[,;]", line) if part.strip()]
    if len(parts) > 1 and all(_PAIR.fullmatch(part) for part in parts):
        return parts
    return [line.strip()] if line.strip(' ,;"\t') else []


def _parse_line(line: str) -> tuple[int, str] | None:
    fields = [field.strip("\"' ") for field in _FIELDS.split(line.strip(",; \t")) if field.strip("\"' ")]
    if len(fields) < 2:
        return None
    for number, rest in ((fields[0], fields[1:]), (fields[-1], fields[:-1])):
        name = " ".join(rest)
        if is_number(number) and _NAME.fullmatch(name):
            return int(float(number)), name
    return None


def _is_header(line: str, file: Path) -> bool:
    """Whether a first line without a number names columns (number,name), not a class."""
    fields = [field.strip("\"' ") for field in _FIELDS.split(line)]
    return len(fields) > 1 and file.suffix != ".json" and not any(map(is_class_name, fields))


def _is_lone_name(line: str) -> bool:
    return is_class_name(line.strip("\" '"))


def _parse_json(text: str, file: Path) -> list[tuple[int, str]]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(f"{file} is not valid JSON ({error}). Repair it, or move it away.") from error
    items = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else ())
    )
    pairs = [_parse_line(f"{key}={name}") if isinstance(name, str | int) else None for key, name in items]
    if not pairs or None in pairs:
        raise InputError(f'{file} does not have the form {{"0": "angry", ...}}. Write each number with its class.')
    return [pair for pair in pairs if pair]


def _collect(pairs: list[tuple[int, str]], where: str) -> dict[int, str]:
    legend: dict[int, str] = {}
    for number, name in pairs:
        if legend.setdefault(number, name) != name:
            raise InputError(f"{where} calls {number} both {legend[number]} and {name}. Keep the correct one.")
    return legend
