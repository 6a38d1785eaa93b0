"""KDEF, the Karolinska Directed Emotional Faces.

Contents: 4,900 colour photographs of posed faces, 562 x 762 px, JPEG, from five angles, mostly one folder per subject.
Labels: in the file's name, AF01ANS.JPG: AN angry, DI disgust, AF fear, HA happy, SA sad, SU surprise, NE neutral.
Subjects: 70, F01 to F35 and M01 to M35; the first letter of the name, A or B, is the session.
Splits: none; photographs of one subject must stay together.
Publication: Lundqvist, Flykt and Öhman, The Karolinska Directed Emotional Faces, Karolinska Institutet, 1998.
Licence: non-commercial research, on request.
Known faults: two of the five angles are full profiles (FL, FR), unlike the faces of other data sets; the pictures
include the background.
"""

import re
from collections import Counter
from pathlib import Path, PurePosixPath

from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.lists.rows import Rows
from fer_core.sources.naming import fits_naming
from fer_core.sources.readers.image_folder import read_images
from fer_core.sources.records import Problem, Reading

_NAME = re.compile(r"[AB]([FM]\d{2})(AN|DI|AF|HA|SA|SU|NE)(S|HL|HR|FL|FR)\.", re.IGNORECASE)
_CLASSES = {
    "AN": "angry", "DI": "disgust", "AF": "fear", "HA": "happy", "SA": "sad", "SU": "surprise", "NE": "neutral",
}  # fmt: skip
_ANGLES = {"S": "straight", "HL": "half left", "HR": "half right", "FL": "full left", "FR": "full right"}
_LAYOUT = "KDEF (<session><subject><expression><angle>.JPG)"


def find_kdef(path: Path) -> str | None:
    """The layout if `path`, or its folders, contain files named like KDEF's, else None."""
    return _LAYOUT if fits_naming(path, lambda name: _NAME.match(name) is not None) else None


def read_kdef(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The photographs, subject and expression from each file's name.

    Raises:
        InputError: if no file is named like KDEF's.
    """
    angles: Counter[str] = Counter()

    def add(rows: Rows, origin: str, folders: tuple[str, ...]) -> None:
        name = _NAME.match(PurePosixPath(origin).name)
        if not name:
            rows.problems.append(Problem(origin, "its name is not like AF01ANS.JPG: subject, expression, angle"))
            return
        angles[_ANGLES[name[3].upper()]] += 1
        rows.add(origin, _CLASSES[name[2].upper()], origin, subject=name[1].upper())

    reading = read_images("kdef", _LAYOUT, path, add, classes)
    if reading.table.empty:
        raise InputError(f"{path} is not KDEF. Expected files named AF01ANS.JPG.")
    reading.notes.append("angles: " + ", ".join(f"{angle} {angles[angle]:,}" for angle in _ANGLES.values()))
    return reading
