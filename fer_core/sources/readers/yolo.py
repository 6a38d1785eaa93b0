"""Photographs with boxes in YOLO's format: images/, labels/ with one text file per photograph, and the class names.

Contents: as provided by its owner; each line `class x y width height` of labels/NAME.txt is a face in images/NAME.jpg,
its centre and size as shares of the photograph's.
Labels: the names in data.yaml or classes.txt, by number.
Subjects: unknown.
Splits: the folders train, val and test above or below images/; else none.
Publication: unknown.
Licence: as stated by its owner.
Known faults: none known.
"""

import math
from pathlib import Path, PurePosixPath

from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, Classes, check_numbers
from fer_core.sources.ignored import list_folders, sample_names
from fer_core.sources.lists.csv_files import read_text
from fer_core.sources.lists.rows import Rows
from fer_core.sources.readers.class_folders import SPLIT_FOLDERS
from fer_core.sources.readers.image_folder import read_images
from fer_core.sources.readers.yolo_names import read_yolo_names
from fer_core.sources.records import Problem, Reading

NO_BOX = "a photograph without a box"
_LAYOUT = "YOLO (images/, labels/ with a box a face, and the names of classes)"


def find_yolo(path: Path) -> str | None:
    """The layout if images/ and labels/ are in `path` or in its split folders, else None."""
    return _LAYOUT if any(map(_has_labels, [path, *_split_folders(path)])) else None


def read_yolo(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces in the boxes of all photographs.

    Raises:
        InputError: if the meaning of the class numbers is unknown or ambiguous.
    """
    if find_yolo(path) is None:
        raise InputError(f"{path} has no images/ beside labels/ with text files. Give the folder of data.yaml.")
    legend, numbers = read_yolo_names(path, classes), set[int]()

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        if "images" not in folders:
            rows.problems.append(Problem(origin, "it is not in images/"))
            return
        usage = next((SPLIT_FOLDERS[name.lower()] for name in folders if name.lower() in SPLIT_FOLDERS), "")
        label = _label_path(origin)
        lines = read_text(path / label).splitlines() if (path / label).is_file() else []
        lines = [line for line in lines if line.strip()]
        if not lines:
            rows.left_out[NO_BOX] += 1
        for number, line in enumerate(lines, start=1):
            where = f"{label} line {number}"
            try:
                code, box = _parse(line)
            except ValueError as error:
                rows.problems.append(Problem(where, str(error)))
                continue
            numbers.add(code)
            rows.add(where, legend.names.get(code, str(code)), origin, usage=usage, face=str(number), box=box)

    reading = read_images("yolo", _LAYOUT, path, add, classes)
    reading.left_out.pop("not an image", None)  # the labels and data.yaml are read
    if legend.is_counted and numbers - set(classes.numbers):
        check_numbers(numbers, legend.names, f"{legend.where} has names without numbers, and {path.name}/labels")
    reading.notes.append(f"class numbers are read by {legend.where}")
    return reading


def _parse(line: str) -> tuple[int, str]:
    """(class, box as shares of the sides); raises ValueError with a phrase."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"expected a class and four numbers, got {len(fields)} fields")
    try:
        code, x, y, width, height = map(float, fields)
    except ValueError as error:
        raise ValueError(f"expected a class and four numbers, got {line[:60]!r}") from error
    if not (code.is_integer() and code >= 0):
        raise ValueError(f"its class {fields[0]} is not a whole number from 0")
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise ValueError(f"its box {' '.join(fields[1:])} is empty")
    if max(x, y, width, height) > 1 or min(x, y) < 0:
        raise ValueError(f"its box {' '.join(fields[1:])} is not relative to the photograph (0 to 1)")
    corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return int(code), ",".join(f"{corner:.6f}" for corner in corners)


def _label_path(origin: str) -> str:
    parts = list(PurePosixPath(origin).with_suffix(".txt").parts)
    at = len(parts) - 1 - parts[::-1].index("images")
    return str(PurePosixPath(*parts[:at], "labels", *parts[at + 1 :]))


def _has_labels(folder: Path) -> bool:
    if not (folder / "images").is_dir():
        return False
    labels = [folder / "labels", *list_folders(folder / "labels")]
    return any(name.endswith(".txt") for inner in labels for name in sample_names(inner))


def _split_folders(path: Path) -> list[Path]:
    return [folder for folder in list_folders(path) if folder.name.lower() in SPLIT_FOLDERS]
