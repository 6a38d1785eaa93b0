"""JAFFE, the Japanese Female Facial Expression database.

Contents: 213 grey photographs of posed faces, 256 x 256 px, TIFF, all in one folder, or in folders by subject or class.
Labels: in the file's name, KA.AN1.39.tiff: AN angry, DI disgust, FE fear, HA happy, SA sad, SU surprise, NE neutral;
the posed expression, not the raters' most frequent answer.
Subjects: 10 women, the two letters at the beginning of the name.
Splits: none; photographs of one subject must stay together.
Publication: Lyons, Akamatsu, Kamachi and Gyoba, Coding Facial Expressions with Gabor Wavelets, FG 1998.
Licence: non-commercial research, on request; its terms forbid passing it on.
Known faults: three or four nearly identical photographs of each subject and expression; scores on random splits mean
little.
"""

import re
from pathlib import Path, PurePosixPath

from fer_core.errors import InputError
from fer_core.labels import parse_expression
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.lists.rows import Rows
from fer_core.sources.naming import fits_naming
from fer_core.sources.readers.image_folder import read_images
from fer_core.sources.records import Problem, Reading

_NAME = re.compile(r"([A-Z]{2})\.(AN|DI|FE|HA|SA|SU|NE)\d*\.\d+", re.IGNORECASE)
_CLASSES = {
    "AN": "angry", "DI": "disgust", "FE": "fear", "HA": "happy", "SA": "sad", "SU": "surprise", "NE": "neutral",
}  # fmt: skip
_SUBJECTS = frozenset({"KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM"})
_LAYOUT = "JAFFE (<subject>.<expression><take>.<number>.tiff)"


def find_jaffe(path: Path) -> str | None:
    """The layout if `path`, or its folders by subject or class, contain files named like JAFFE's, else None."""
    return _LAYOUT if fits_naming(path, _is_named) else None


def read_jaffe(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The photographs, subject and expression from each file's name.

    Raises:
        InputError: if the folder has no file named like JAFFE's.
    """
    reading = read_images("jaffe", _LAYOUT, path, _add, classes)
    if reading.table.empty:
        raise InputError(f"{path} is not JAFFE. Expected files named KA.AN1.39.tiff.")
    return reading


def _is_named(name: str) -> bool:
    found = _NAME.match(name)
    return found is not None and found[1].upper() in _SUBJECTS


def _add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
    name = _NAME.match(PurePosixPath(origin).name)
    if not name:
        rows.problems.append(Problem(origin, "its name is not like KA.AN1.39.tiff: subject, expression, number"))
        return
    expression = _CLASSES[name[2].upper()]
    by_folder = parse_expression(folders[-1]) if folders else None
    if by_folder not in (None, expression):
        rows.problems.append(Problem(origin, f"its name says {expression}, but its folder says {by_folder}"))
    else:
        rows.add(origin, expression, origin, subject=name[1].upper())
