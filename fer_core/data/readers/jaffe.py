"""JAFFE, the Japanese Female Facial Expression database.

Contents: 213 grey photographs of posed faces, 256 x 256 px, TIFF, all in one folder.
Labels: in the file's name, KA.AN1.39.tiff: AN angry, DI disgust, FE fear, HA happy, SA sad, SU surprise, NE neutral;
the expression that was posed, not what the raters saw most.
Subjects: 10 women, the two letters at the beginning of the name.
Splits: none; photographs of one subject must stay together.
Publication: Lyons, Akamatsu, Kamachi and Gyoba, Coding Facial Expressions with Gabor Wavelets, FG 1998.
Licence: non-commercial research, on request; its terms forbid passing it on.
Known faults: three or four nearly equal photographs of each subject and expression; scores on random splits mean
little.
"""

import re
from pathlib import Path, PurePosixPath

from fer_core.data.classes import KNOWN_NAMES, Classes
from fer_core.data.readers.image_folder import IMAGE_SUFFIXES, read_images
from fer_core.data.readers.rows import Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError

_NAME = re.compile(r"([A-Z]{2})\.(AN|DI|FE|HA|SA|SU|NE)\d*\.\d+", re.IGNORECASE)
_CLASSES = {
    "AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "SA": "sad", "SU": "surprise", "NE": "neutral",
}  # fmt: skip
_LAYOUT = "JAFFE (<subject>.<expression><take>.<number>.tiff)"
_FOLDERS = ("", "jaffe", "jaffedbase")


def find_jaffe(path: Path) -> str | None:
    """The layout when `path`, or the folder jaffe in it, holds files named as JAFFE's are, else None."""
    return _LAYOUT if path.is_dir() and _find_folder(path) else None


def read_jaffe(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The photographs, subject and expression from each file's name.

    Raises:
        InputError: when the folder has no file named as JAFFE's are.
    """
    folder = _find_folder(path) if path.is_dir() else None
    if folder is None:
        raise InputError(f"{path} is not JAFFE. Expected files named KA.AN1.39.tiff right in the folder.")
    return read_images("jaffe", _LAYOUT, folder, _add, classes)


def _add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
    name = _NAME.match(PurePosixPath(origin).name)
    if name:
        rows.add(origin, _CLASSES[name[2].upper()], origin, subject=name[1].upper())
    else:
        rows.problems.append(Problem(origin, "its name is not like KA.AN1.39.tiff: subject, expression, number"))


def _find_folder(path: Path) -> Path | None:
    for folder in (path / name for name in _FOLDERS):
        if folder.is_dir() and any(
            _NAME.match(f.name) and f.suffix.lower() in IMAGE_SUFFIXES for f in folder.iterdir()
        ):
            return folder
    return None
