"""Photographs with boxes as YOLO takes them: images/, labels/ with a text file a photograph, and the names of classes.

Contents: what its owner put there; each line `class x y width height` of labels/NAME.txt is a face in images/NAME.jpg,
its centre and size as shares of the photograph's.
Labels: the names in data.yaml or classes.txt, by number.
Subjects: not known here.
Splits: the folders train, val and test above or below images/; else none.
Publication: none is known here.
Licence: as its owner says.
Known faults: none are known here.
"""

import math
import re
from pathlib import Path, PurePosixPath

from fer_core.data.classes import KNOWN_NAMES, ORDERS, Classes
from fer_core.data.csv_files import read_text
from fer_core.data.ignored import list_folders, list_plain_files, sample_names
from fer_core.data.readers.class_folders import SPLIT_FOLDERS
from fer_core.data.readers.image_folder import read_images
from fer_core.data.readers.legend import read_legend_file
from fer_core.data.readers.rows import Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError

NO_BOX = "a photograph without a box"
_LAYOUT = "YOLO (images/, labels/ with a box a face, and the names of classes)"
_INLINE = re.compile(r"^names\s*:\s*[\[{](.*?)[\]}]", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^names\s*:[^\S\n]*\n((?:[^\S\n]*(?:-|\d+\s*:).*\n?)+)", re.MULTILINE)


def find_yolo(path: Path) -> str | None:
    """The layout when images/ and labels/ lie in `path` or in its split folders, else None."""
    return _LAYOUT if any(map(_has_labels, [path, *_split_folders(path)])) else None


def read_yolo(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces in the boxes of all photographs.

    Raises:
        InputError: when nothing says what the numbers of classes mean.
    """
    if find_yolo(path) is None:
        raise InputError(f"{path} holds no images/ beside labels/ with text files. Give the folder of data.yaml.")
    names, notes = _read_names(path, classes)

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        if "images" not in folders:
            rows.problems.append(Problem(origin, "it does not lie in images/"))
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
            rows.add(where, names.get(code, str(code)), origin, usage=usage, face=str(number), box=box)

    reading = read_images("yolo", _LAYOUT, path, add, classes)
    reading.left_out.pop("not an image", None)  # the labels and data.yaml are read
    reading.notes += notes
    return reading


def _parse(line: str) -> tuple[int, str]:
    """(class, box as shares of the sides); raises ValueError with a phrase."""
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(f"expected a class and four numbers, got {len(fields)} fields")
    try:
        code, (x, y, width, height) = int(float(fields[0])), map(float, fields[1:])
    except ValueError as error:
        raise ValueError(f"expected a class and four numbers, got {line[:60]!r}") from error
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise ValueError(f"its box {' '.join(fields[1:])} is empty")
    if max(x, y, width, height) > 1 or min(x, y) < 0:
        raise ValueError(f"its box {' '.join(fields[1:])} is not in shares of the photograph, from 0 to 1")
    corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    return code, ",".join(f"{corner:.6f}" for corner in corners)


def _read_names(path: Path, classes: Classes) -> tuple[dict[int, str], list[str]]:
    if classes.numbers:
        return classes.numbers, [f"numbers of classes: as the person says ({classes.order or 'each by itself'})"]
    for folder in (path, path / "labels"):
        for file in list_plain_files(folder):
            names = _parse_names(read_text(file)) if file.suffix.lower() in (".yaml", ".yml") else {}
            if not names and file.name == "classes.txt":
                names = read_legend_file(file).names
            if names:
                return names, [f"numbers of classes go by {file.name}"]
    raise InputError(
        f"{path.name} has no data.yaml or classes.txt with the names of classes. Put it there, or say what the numbers "
        f"mean with --meaning numbers=ORDER (one of {', '.join(ORDERS)}) or 0=EXPRESSION and so on."
    )


def _parse_names(text: str) -> dict[int, str]:
    """Number -> name of the entry `names` of a data.yaml, in any of the forms that it has; {} without one."""
    found = _INLINE.search(text)
    items = found[1].split(",") if found else []
    block = _BLOCK.search(text)
    if not found and block:
        items = block[1].splitlines()
    names = {}
    for number, item in enumerate(part.strip().removeprefix("-").strip() for part in items if part.strip()):
        key, colon, name = item.partition(":")
        at = int(key) if colon and key.strip().isdecimal() else number
        names[at] = (name if colon and key.strip().isdecimal() else item).strip().strip("\"'")
    return names


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
