"""The demo data set: faces drawn by this project, so that every page has something to show on a fresh machine.

It is named as drawn wherever it appears.

Contents: faces drawn by this project's code, 64 px, grey; no person is shown.
Labels: the expression that was drawn; 3 % are wrong on purpose.
Subjects: invented persons, known by number.
Splits: none.
Publication: none.
Licence: as this project's code, which draws them.
Known faults: a score on it says nothing about real faces.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.progress import Progress, no_progress
from fer_core.base.text import count_of
from fer_core.datasets.assembling.assemble import write_dataset
from fer_core.datasets.assembling.place import build_dataset
from fer_core.datasets.assembling.recipe import Recipe
from fer_core.datasets.dataset import Dataset
from fer_core.labels import EXPRESSIONS
from fer_core.sources.demo.people import DemoFaces, make_demo_faces
from fer_core.sources.records import Reading

SIZE_PX = 64


def make_demo(name: str = "demo", n: int = 2100, seed: int = 0, progress: Progress = no_progress) -> Dataset:
    """Draws the faces and writes them as the data set `name`, split 80:10:10 by their invented persons.

    The table has two columns more than others: `drawn_expression` (what was drawn; `expression` differs in the
    3 % that carry a wrong label on purpose) and `ambiguous` (drawn between two expressions).

    Args:
        name: of the data set.
        n: how many faces.
        seed: of the drawing and of the split.
        progress: called with what is being done, how many of how many.
    """
    recipe = Recipe(name, (("demo", f"seed {seed}"),), "80:10:10", SIZE_PX, seed, near=False)  # drawn ones are alike

    def write(folder: Path) -> None:
        drawn = make_demo_faces(n, size=SIZE_PX, seed=seed, progress=progress)
        write_dataset(recipe, [_build_reading(drawn, seed)], folder, progress)

    return build_dataset(name, write)


def _build_reading(drawn: DemoFaces, seed: int) -> Reading:
    names = np.array(EXPRESSIONS, dtype=object)
    table = pd.DataFrame(
        {
            "origin": [f"drawing {i}" for i in range(len(drawn.faces))],
            "expression": names[drawn.expression],
            "subject": [f"person {subject}" for subject in drawn.subject],
            "usage": "",
            "drawn_expression": names[drawn.drawn_expression],
            "ambiguous": drawn.ambiguous,
        }
    )
    n_wrong, n_ambiguous = int(drawn.wrong_label.sum()), int(drawn.ambiguous.sum())
    note = f"On purpose, {count_of(n_wrong, 'wrong label')} and {count_of(n_ambiguous, 'ambiguous drawing')}"
    return Reading("demo", "faces drawn by code", Path(f"seed {seed}"), table, drawn.faces, notes=[note])
