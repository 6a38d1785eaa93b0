"""Any CSV of image path and label; paths are relative to the CSV's folder.

Columns: one of path, pth, file, filename, image, subDirectory_filePath; one of label, expression,
emotion, class; where present, subject and split (train, val or test).
"""

from collections import Counter
from pathlib import Path

from fer_core.data.csv_files import read_csv
from fer_core.data.records import Problem, Reading, build_table
from fer_core.errors import InputError
from fer_core.labels import is_class_name, parse_expression

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
    if file is None:
        return None
    try:
        columns = [str(column).strip().lower() for column in read_csv(file).columns]
    except InputError:
        return None
    return _LAYOUT if _pick(columns, _PATH) and _pick(columns, _LABEL) else None


def read_path_csv(path: Path) -> Reading:
    """The rows of the CSV; a label outside the seven is counted, an unknown one or a missing image a problem.

    Raises:
        InputError: when there is no such CSV or it lacks a column.
    """
    file = _find_csv(path)
    if file is None:
        raise InputError(f"{path} is no CSV and holds not exactly one. Give the CSV file itself.")
    table = read_csv(file)
    table.columns = [str(column).strip().lower() for column in table.columns]
    path_column, label_column = _pick(list(table.columns), _PATH), _pick(list(table.columns), _LABEL)
    if not path_column or not label_column:
        raise InputError(
            f"{file.name} has the columns {', '.join(table.columns)}; it needs one of {', '.join(_PATH)} and one of "
            f"{', '.join(_LABEL)}. Rename the columns in its first line."
        )
    subjects = table.get("subject", [""] * len(table))
    usages = table.get("split", [""] * len(table))
    root = file.parent.resolve()
    rows, left_out, problems = [], Counter[str](), []
    values = zip(table[path_column], table[label_column], subjects, usages, strict=True)
    for number, (image, label, subject, usage) in enumerate(values, start=1):
        where, origin = f"row {number}", image.replace("\\", "/")
        expression = parse_expression(label)
        if expression is None and is_class_name(label):
            left_out[label.strip().lower()] += 1
        elif expression is None:
            problems.append(Problem(where, f"unknown class {label!r}"))
        elif usage.strip().lower() not in _USAGE:
            problems.append(Problem(where, f"split must be train, val or test, got {usage!r}"))
        elif not (root / origin).resolve().is_relative_to(root):
            problems.append(Problem(where, f"the path {image} leads out of the CSV's folder"))
        elif not (root / origin).is_file():
            problems.append(Problem(where, f"there is no image {image}"))
        else:
            rows.append((origin, expression, subject.strip(), _USAGE[usage.strip().lower()]))
    return Reading("csv", _LAYOUT, root, build_table(rows), None, left_out, problems)


def _find_csv(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.lower() in (".csv", ".tsv", ".txt") else None
    files = sorted(path.glob("*.csv"))
    return files[0] if len(files) == 1 else None


def _pick(columns: list[str], wanted: tuple[str, ...]) -> str | None:
    return next((column for column in wanted if column in columns), None)
