"""Corrections in the making: a person's word, or a file of pseudo-labels, against what a face is called now."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.corrections.log import Correction, CorrectionLog
from fer_core.corrections.overlay import Rules, lay_over
from fer_core.data.csv_files import read_csv
from fer_core.data.dataset import Dataset
from fer_core.data.recipe import read_recipe
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, parse_expression


@dataclass(frozen=True)
class PseudoLabels:
    """What a pseudo-label file comes to.

    Attributes:
        corrections: those that change a label.
        n_rows: lines of the file.
        n_unsure: below the threshold.
        n_same: the face is called so already.
        n_outside: a class outside the seven, or none at all.
        n_unknown: no face of the data set has this path.
    """

    corrections: list[Correction]
    n_rows: int
    n_unsure: int
    n_same: int
    n_outside: int
    n_unknown: int


def name_faces(dataset: Dataset, log: CorrectionLog) -> np.ndarray:
    """(N,) object: what each face is called once all corrections that stand are laid over, DROP included."""
    recipe = read_recipe(dataset.info["recipe"])
    return lay_over(dataset.table, Rules(recipe.labels, (), "all"), list(log.standing.values())).expression


def correct_face(dataset: Dataset, log: CorrectionLog, face_id: str, expression: str, who: str) -> Correction:
    """Writes a person's word on one face; an expression may be spelt as data sets spell it.

    Raises:
        InputError: when there is no such face or expression.
    """
    rows = np.flatnonzero((dataset.table["face_id"] == face_id).to_numpy())
    if not len(rows):
        example = dataset.table["face_id"].iloc[0]
        raise InputError(f"{dataset.name} has no face {face_id!r}. A face is named like {example!r}.")
    row = int(rows[0])
    before, sha256 = str(name_faces(dataset, log)[row]), str(dataset.table["sha256"].iloc[row])
    label = parse_expression(expression) or expression
    return log.add([Correction(face_id, sha256, label, before, "person", who, "by hand")])[0]


def read_pseudo_labels(dataset: Dataset, log: CorrectionLog, path: Path, threshold: float, who: str) -> PseudoLabels:
    """The corrections that a CSV of path, label and, with a threshold, confidence asks for; nothing is written.

    Args:
        dataset: whose faces are meant; a path is a face's `origin` or `face_id`.
        log: of its corrections.
        path: of the CSV. Where it names a face twice, its last line counts.
        threshold: 0 to 1, least confidence; 0 takes every line and needs no column confidence.
        who: accepts them.

    Raises:
        InputError: when a column is missing, a confidence is no number, or no line names a face.
    """
    lines = read_csv(path, needs=("path", "label", "confidence") if threshold else ("path", "label"))
    confidence = _read_confidence(path, lines)
    faces = _find_faces(dataset, lines["path"])
    label = lines["label"].map({text: parse_expression(text) for text in lines["label"].unique()}).to_numpy(object)
    sure = confidence >= threshold if threshold else np.ones(len(lines), bool)
    known, named = faces >= 0, np.array([text in EXPRESSIONS for text in label], bool)
    if not known.any():
        raise InputError(
            f"{path.name}: none of its {len(lines):,} paths is a face of {dataset.name}. A path there looks like "
            f"{dataset.table['origin'].iloc[0]!r}."
        )
    now = name_faces(dataset, log)
    chosen = dict(zip(faces[sure & known & named], np.flatnonzero(sure & known & named), strict=True))
    changing = [(int(row), int(line)) for row, line in chosen.items() if now[row] != label[line]]
    ids, digests = dataset.table["face_id"].tolist(), dataset.table["sha256"].tolist()
    shares = [None if np.isnan(share) else share for share in confidence.tolist()]
    corrections = [
        Correction(ids[row], digests[row], label[line], now[row], "pseudo", who, path.name, shares[line])
        for row, line in changing
    ]
    n_unknown, n_outside = int((~known).sum()), int((known & ~named).sum())
    n_unsure = int((known & named & ~sure).sum())
    return PseudoLabels(corrections, len(lines), n_unsure, len(chosen) - len(changing), n_outside, n_unknown)


def _read_confidence(path: Path, lines: pd.DataFrame) -> np.ndarray:
    if "confidence" not in lines:
        return np.full(len(lines), np.nan)
    values = pd.to_numeric(lines["confidence"], errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(bad):
        found = lines["confidence"].iloc[bad[0]]
        raise InputError(f"{path.name} row {bad[0] + 1}: confidence must be 0 to 1, got {found!r}. Mend the file.")
    return values


def _find_faces(dataset: Dataset, paths: pd.Series) -> np.ndarray:
    """(n,) row of each path's face, -1 where none or several faces go by it."""
    table = dataset.table
    rows = pd.Series(np.arange(len(table)), index=table["face_id"])
    by_origin = pd.Series(np.arange(len(table)), index=table["origin"])
    rows = pd.concat([rows, by_origin[~by_origin.index.duplicated(keep=False)]])
    rows = rows[~rows.index.duplicated()]
    return paths.str.replace("\\", "/").map(rows).fillna(-1).to_numpy(np.int64)
