"""ExpW, Expression in the Wild: faces in whole web photographs, each with its box.

Contents: 91,793 faces in 106,962 photographs of many sizes; label.lst has one line per face: image_name face_id top
left right bottom confidence label, the box in px.
Labels: 0 angry, 1 disgust, 2 fear, 3 happy, 4 sad, 5 surprise, 6 neutral.
Subjects: not given.
Splits: none.
Publication: Zhang, Luo, Loy and Tang, From Facial Expression Recognition to Interpersonal Relation Prediction,
IJCV 2018.
Licence: non-commercial research.
Known faults: boxes come from a detector, and some extend beyond the photograph, where they are clipped; a low
confidence may mean that it is not a face.
"""

from pathlib import Path

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.listing import Finder
from fer_core.sources.lists.csv_files import read_text
from fer_core.sources.lists.rows import Rows
from fer_core.sources.records import Problem, Reading

_CLASSES = dict(zip("0123456", EXPRESSIONS, strict=True))
_LISTS = ("label.lst", "label/label.lst", "data/label/label.lst")
_IMAGE_FOLDERS = ("image/origin", "data/image/origin", "image", "data/image", "origin", "images")
_LOOKED_AT = 20  # lines of a list
_LAYOUT = "ExpW (label.lst with a box a face, and whole photographs)"


def find_expw(path: Path) -> str | None:
    """The layout if label.lst is in the folder `path`, or in its folder label/, else None."""
    file = _find_list(path)
    return _LAYOUT if file and any(map(_is_line, read_text(file).splitlines()[:_LOOKED_AT])) else None


def read_expw(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of label.lst, each with its box.

    Raises:
        InputError: if there is no label.lst.
    """
    file = _find_list(path)
    if file is None:
        raise InputError(f"{path} has no label.lst. Give the folder with label/label.lst and image/origin/.")
    folder = next((name for name in _IMAGE_FOLDERS if (path / name).is_dir()), ".")
    finder = Finder(path)
    rows = Rows(classes, lambda name: finder.find(f"{folder}/{name}"))
    lines = [line for line in read_text(file).splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        where = f"{file.name} line {number}"
        try:
            name, face, box, label = _parse(line)
        except ValueError as error:
            rows.problems.append(Problem(where, str(error)))
            continue
        rows.add(where, _CLASSES.get(label, label), name, face=face, box=box)
    return rows.build_reading("expw", _LAYOUT, path)


def _is_line(line: str) -> bool:
    try:
        return _parse(line)[-1] in _CLASSES
    except ValueError:
        return False


def _parse(line: str) -> tuple[str, str, str, str]:
    """(image, face, "left,top,right,bottom", label); raises ValueError with a phrase."""
    fields = line.rsplit(maxsplit=7)
    if len(fields) != 8:
        raise ValueError(f"expected 8 fields, got {len(fields)}")
    name, face, *numbers, _, label = fields
    try:
        top, left, right, bottom = map(int, numbers)
    except ValueError as error:
        raise ValueError(f"the box {' '.join(numbers)} is not four whole numbers") from error
    if left >= right or top >= bottom:
        raise ValueError(f"the box from {left},{top} to {right},{bottom} is empty")
    return name, face, f"{left},{top},{right},{bottom}", label


def _find_list(path: Path) -> Path | None:
    return next((path / name for name in _LISTS if (path / name).is_file()), None)
