"""Any CSV of image path and label; paths are relative to the CSV's folder.

The columns: one of path, pth, file, filename, image, subDirectory_filePath; one of label, expression,
emotion, class; where present, subject and split (train, val or test). Separator, encoding and line ends are
found out (`fer_core.data.csv_files`). Labels are names, or numbers where a legend says what they stand for
(`fer_core.data.readers.legend`). A row that stands twice is taken once; rows that contradict each other about
one image are problems.

Contents: what its owner put there.
Labels: the CSV's column of labels.
Subjects: the CSV's column subject, where it has one.
Splits: the CSV's column split, where it has one; else none.
Publication: none is known here.
Licence: as its owner says.
Known faults: none are known here.
"""

from pathlib import Path

import pandas as pd

from fer_core.data.classes import KNOWN_NAMES, Classes, UnclearNumbers
from fer_core.data.csv_files import read_columns, read_csv
from fer_core.data.listing import Finder
from fer_core.data.readers.legend import LEGEND_NAMES, find_legend, is_number, name_label
from fer_core.data.readers.rows import Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError

_PATH = ("path", "pth", "file", "filename", "image", "filepath", "subdirectory_filepath")
_LABEL = ("label", "expression", "emotion", "class")
_USAGE = {
    "": "",
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
}
_LAYOUT = "CSV of image path and label"


def find_path_csv(path: Path) -> str | None:
    """The layout when `path` is a CSV, or a folder with one CSV right in it, that has both columns."""
    file = _find_csv(path)
    columns = read_columns(file) if file else []
    return _LAYOUT if _pick(columns, _PATH) and _pick(columns, _LABEL) else None


def read_path_csv(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The rows of the CSV; a label outside the seven is counted, an unknown one or a missing image a problem.

    Raises:
        InputError: when there is no such CSV, it lacks a column, or its labels are numbers without a legend.
    """
    file = _find_csv(path)
    if file is None:
        raise InputError(f"{path} is no CSV and holds not exactly one. Give the CSV file itself.")
    rows = Rows(classes, Finder(file.parent).find)
    table = read_csv(file, problems=rows.problems)
    table.columns = [column.lower() for column in table.columns]
    path_column, label_column = _pick(list(table.columns), _PATH), _pick(list(table.columns), _LABEL)
    if not path_column or not label_column:
        raise InputError(
            f"{file.name} has the columns {', '.join(table.columns)}; it needs one of {', '.join(_PATH)} and one of "
            f"{', '.join(_LABEL)}. Rename the columns in its first line."
        )
    labels = _name_labels(table[label_column], file, classes)
    subjects = table.get("subject", [""] * len(table))
    usages = table.get("split", [""] * len(table))
    for number, name, label, subject, usage in zip(
        table.index, table[path_column], labels, subjects, usages, strict=True
    ):
        if usage.strip().lower() in _USAGE:
            rows.add(f"row {number}", label, name, subject.strip(), _USAGE[usage.strip().lower()])
        else:
            message = f"split must be train, val or test, got {usage!r}"
            rows.problems.append(Problem(f"row {number}", message))
    return rows.build_reading("csv", _LAYOUT, file.parent.resolve())


def _name_labels(labels: pd.Series, file: Path, classes: Classes) -> list[str]:
    """The labels as names; which number is which is never guessed."""
    legend = classes.numbers or find_legend(file.parent, str(labels.name))
    if not legend and len(labels) and labels.map(is_number).all():
        raise UnclearNumbers(
            f"{file.name} has numbers as labels, and nothing says which expression each is. Write legend.csv beside it "
            f"with a line each (0,angry ...), or call the column {labels.name} (fer2013) if that is their order."
        )
    return [name_label(label, legend) for label in labels]


def _find_csv(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in (".csv", ".tsv", ".txt") else None
    files = sorted(file for file in path.glob("*.csv") if file.name not in LEGEND_NAMES)
    return files[0] if len(files) == 1 else None


def _pick(columns: list[str], wanted: tuple[str, ...]) -> str | None:
    """The first column of a wanted name; what stands in brackets after it does not matter."""
    return next((column for name in wanted for column in columns if column.split("(")[0].strip() == name), None)
