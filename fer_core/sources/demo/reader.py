"""The demo source: faces drawn by this project, so that every page has something to show after installation.

Wherever it appears, its faces are marked as drawn.

Contents: faces drawn by this project's code, 64 px, grey; no person is shown.
Labels: the expression that was drawn; 3 % are deliberately wrong.
Subjects: invented persons, known by number.
Splits: none.
Publication: none.
Licence: as this project's code, which draws them.
Known faults: a score on it says nothing about real faces.

It has no files: its path says how many faces are drawn and with which seed, "2100 faces, seed 0". The table has two
additional columns: `drawn_expression` (what was drawn; `expression` differs for the faces with a wrong label) and
`ambiguous` (drawn between two expressions).
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.progress import Progress, no_progress
from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.demo.people import DemoFaces, make_demo_faces
from fer_core.sources.records import Reading

SIZE_PX = 64
N_FACES = 2100
_LAYOUT = "faces drawn by code"
_PATH = re.compile(r"(?:(\d{1,9})(?: faces)?)?(?:(?:^|, ?)seed (\d{1,9}))?")


def read_demo(path: Path, classes: Classes = KNOWN_NAMES, progress: Progress = no_progress) -> Reading:
    """The drawn faces.

    Args:
        path: as `name_demo` writes it; the defaults are N_FACES and seed 0.
        classes: not used, since the classes are the seven expressions.
        progress: called with the step, the faces drawn, and the total.

    Raises:
        InputError: for a path of another form, or too few faces for every subject to show every expression.
    """
    n, seed = parse_demo(str(path))
    drawn = make_demo_faces(n, size=SIZE_PX, seed=seed, progress=progress)
    n_wrong, n_ambiguous = int(drawn.wrong_label.sum()), int(drawn.ambiguous.sum())
    note = f"Deliberate faults: {count_of(n_wrong, 'wrong label')} and {count_of(n_ambiguous, 'ambiguous drawing')}"
    return Reading(
        source="demo",
        layout=_LAYOUT,
        root=path,
        table=_build_table(drawn),
        pixels=drawn.faces,
        notes=[note],
        drawn=True,
    )


def name_demo(n: int = N_FACES, seed: int = 0) -> str:
    """The path of the demo source with `n` faces and that seed."""
    return f"{n} faces, seed {seed}"


def parse_demo(path: str) -> tuple[int, int]:
    """(number of faces, seed) of a demo source's path, such as "500", "seed 3", "500 faces, seed 3" or "".

    Raises:
        InputError: for a path of another form.
    """
    found = _PATH.fullmatch("" if path == "." else path)
    if not found:
        raise InputError(
            f"demo={path}: expected how many faces to draw, such as demo=500, or demo='500 faces, seed 1'."
        )
    return int(found[1] or N_FACES), int(found[2] or 0)


def _build_table(drawn: DemoFaces) -> pd.DataFrame:
    names = np.array(EXPRESSIONS, dtype=object)
    return pd.DataFrame(
        {
            "origin": [f"drawing {i}" for i in range(len(drawn.faces))],
            "expression": names[drawn.expression],
            "subject": [f"person {subject}" for subject in drawn.subject],
            "usage": "",
            "drawn_expression": names[drawn.drawn_expression],
            "ambiguous": drawn.ambiguous,
        }
    )
