"""Making corrections: a person's label for a face, compared with its current label."""

import numpy as np

from fer_core.datasets.assembling.recipe import read_recipe
from fer_core.datasets.corrections.log import Correction, CorrectionLog, open_log, this_person
from fer_core.datasets.corrections.overlay import Rules, lay_over
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.labels import parse_expression


def name_faces(dataset: Dataset, log: CorrectionLog) -> np.ndarray:
    """(N,) object: the label of each face once all corrections in effect are applied; DROP if it is excluded."""
    recipe = read_recipe(dataset.info.recipe)
    return lay_over(dataset.table, Rules(recipe.labels, (), "all"), list(log.standing.values())).expression


def correct_face(dataset: Dataset, log: CorrectionLog, face_id: str, expression: str, who: str) -> Correction:
    """Writes a person's label for one face; the spellings of expressions in known data sets are accepted.

    Raises:
        InputError: if there is no such face or expression.
    """
    rows = np.flatnonzero((dataset.table["face_id"] == face_id).to_numpy())
    if not len(rows):
        example = dataset.table["face_id"].iloc[0]
        raise InputError(f"{dataset.name} has no face {face_id!r}. A face is named like {example!r}.")
    row = int(rows[0])
    before, sha256 = str(name_faces(dataset, log)[row]), str(dataset.table["sha256"].iloc[row])
    label = parse_expression(expression) or expression
    return log.add(
        [
            Correction(
                face_id=face_id, sha256=sha256, expression=label, before=before, kind="person", who=who, why="by hand"
            )
        ]
    )[0]


def correct_label(
    dataset: Dataset, face_id: str, expression: str, who: str | None = None, digest: str | None = None
) -> Correction:
    """Adds a correction to the data set's list; it takes effect when the data set is assembled again.

    Args:
        dataset: the data set with the face.
        face_id: name of the face, from the column `face_id` of `dataset.table`.
        expression: the correct expression, in any known spelling; "drop" excludes the face.
        who: the person who corrects; None: the user who is logged in.
        digest: of the face's pixels, from the column `digest` of a run's predictions; a face of that name with other
            pixels is refused. None: only the name is compared.

    Raises:
        InputError: if there is no such face or expression.

    Example:
        >>> data = fer.open_dataset("demo")
        >>> face_id = data.table["face_id"][0]
        >>> fer.correct_label(data, face_id, "happy").expression
        'happy'
    """
    if not isinstance(dataset, Dataset):
        raise InputError(f"Expected a data set, got {dataset!r}. Open it first: fer.open_dataset(NAME).")
    if digest is not None and dataset.find_rows([face_id])[0] >= 0 and dataset.find_rows([face_id], [digest])[0] < 0:
        raise InputError(
            f"{face_id} is another face in this version of {dataset.name}, which was assembled again after the "
            f"prediction. Evaluate the run again and correct the mistakes it makes now."
        )
    return correct_face(dataset, open_log(dataset.name), face_id, expression, who or this_person())
