"""A file of pseudo-labels, what a network or a person says of many faces, against what they are called now."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.datasets.corrections.log import Correction, CorrectionLog
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, is_class_name, parse_expression
from fer_core.review.correct import name_faces
from fer_core.sources.lists.csv_files import read_csv
from fer_core.sources.lists.legend import find_legend, is_number, name_label

FACE_COLUMNS = ("face_id", "path", "image", "filename", "file", "file_name", "image_path", "img_path", "filepath")
LABEL_COLUMNS = ("label", "emotion", "expression", "class")
CONFIDENCE_COLUMNS = ("confidence", "score", "probability", "prob")


@dataclass(frozen=True, kw_only=True)
class PseudoLabels:
    """What a pseudo-label file comes to.

    Attributes:
        corrections: those that change a label.
        n_rows: lines of the file.
        n_unsure: below the threshold.
        n_same: the face is called so already.
        n_outside: a class outside the seven, or none at all.
        n_unknown: no face of the data set has this path.
        notes: how the file was read, where that is not plain from its first line.
    """

    corrections: list[Correction]
    n_rows: int
    n_unsure: int
    n_same: int
    n_outside: int
    n_unknown: int
    notes: tuple[str, ...] = ()


def read_pseudo_labels(dataset: Dataset, log: CorrectionLog, path: Path, threshold: float, who: str) -> PseudoLabels:
    """The corrections that a CSV of face, label and, with a threshold, confidence asks for; nothing is written.

    Args:
        dataset: whose faces are meant; a face is named by its `face_id` or its `origin`.
        log: of its corrections.
        path: of the CSV, in any separator and encoding that `read_csv` knows, with one of FACE_COLUMNS and one of
            LABEL_COLUMNS. A face may stand there twice under one label. Labels are names, or numbers where a
            legend says what they stand for (`fer_core.sources.lists.legend`).
        threshold: 0 to 1, least confidence; 0 takes every line and needs no column confidence.
        who: accepts them.

    Raises:
        InputError: when a column is missing or could be meant either way, a label is a number without a legend or no
            class name, a confidence is no number, one face has two labels, or no line names a face.
    """
    lines = read_csv(path)
    lines.columns = [column.lower() for column in lines.columns]
    named_by = _pick(path, lines, FACE_COLUMNS, "faces")
    labels, notes = _read_labels(path, lines)
    confidence = _read_confidence(path, lines, needed=threshold > 0)
    faces = _find_faces(dataset, lines[named_by])
    label = labels.map({text: parse_expression(text) for text in labels.unique()}).to_numpy(object)
    sure = confidence >= threshold if threshold else np.ones(len(lines), bool)
    known, named = faces >= 0, np.array([text in EXPRESSIONS for text in label], bool)
    if not known.any():
        raise InputError(_explain_none_known(path, len(lines), named_by, dataset))
    _check_twice(path, lines, faces, label, sure & known & named)
    now = name_faces(dataset, log)
    chosen = dict(zip(faces[sure & known & named], np.flatnonzero(sure & known & named), strict=True))
    changing = [(int(row), int(line)) for row, line in chosen.items() if now[row] != label[line]]
    return PseudoLabels(
        corrections=_correct(dataset, changing, now, label, confidence, who, path.name),
        n_rows=len(lines),
        n_unsure=int((known & named & ~sure).sum()),
        n_same=len(chosen) - len(changing),
        n_outside=int((known & ~named).sum()),
        n_unknown=int((~known).sum()),
        notes=notes,
    )


def _correct(
    dataset: Dataset,
    changing: list[tuple[int, int]],
    now: np.ndarray,
    label: np.ndarray,
    confidence: np.ndarray,
    who: str,
    why: str,
) -> list[Correction]:
    """The corrections for (row of the data set, line of the file) pairs; `label` and `confidence` are by line."""
    ids, digests = dataset.table["face_id"].tolist(), dataset.table["sha256"].tolist()
    shares = [None if np.isnan(share) else share for share in confidence.tolist()]
    return [
        Correction(
            face_id=ids[row],
            sha256=digests[row],
            expression=label[line],
            before=now[row],
            kind="pseudo",
            who=who,
            why=why,
            confidence=shares[line],
        )
        for row, line in changing
    ]


def _explain_none_known(path: Path, n_lines: int, named_by: str, dataset: Dataset) -> str:
    first = dataset.table.iloc[0]
    return (
        f"{path.name}: none of its {n_lines:,} {named_by}s is a face of {dataset.name}. A path there looks like "
        f"{first['origin']!r}, a face_id like {first['face_id']!r}."
    )


def _check_twice(path: Path, lines: pd.DataFrame, faces: np.ndarray, label: np.ndarray, used: np.ndarray) -> None:
    """Returns when no two of the lines that are used name one face under different labels."""
    first: dict[int, int] = {}
    for line in np.flatnonzero(used):
        other = first.setdefault(int(faces[line]), int(line))
        if label[other] != label[line]:
            raise InputError(
                f"{path.name} labels one face {label[other]} in row {lines.index[other]} and {label[line]} in row "
                f"{lines.index[line]}. Keep the correct row."
            )


def _pick(path: Path, lines: pd.DataFrame, wanted: tuple[str, ...], what: str) -> str:
    """The column of a wanted name, the first of them; what stands in brackets after it does not matter."""
    found = [column for name in wanted for column in lines if column.split("(")[0].strip() == name]
    if not found:
        raise InputError(
            f"{path.name} has the columns {', '.join(lines)}; for the {what} it needs one of {', '.join(wanted)}. "
            "Rename a column in its first line."
        )
    return found[0]


def _read_labels(path: Path, lines: pd.DataFrame) -> tuple[pd.Series, tuple[str, ...]]:
    """The labels as names, and what is to be said of them; numbers are named by a legend, never by a guess."""
    column = _pick_label(path, lines)
    labels = lines[column].str.strip()
    numbers = labels[labels.map(is_number)]
    legend = find_legend(path.parent, column) if len(numbers) else {}
    if len(numbers) and not legend:
        raise InputError(
            f"{path.name} row {numbers.index[0]}: the label {numbers.iloc[0]!r} is a number of unknown meaning. "
            "Write legend.csv beside the file with one line per number (0,angry ...), or rename the column to '"
            f"{column} (fer2013)' if that is their order."
        )
    labels = labels.map(lambda label: name_label(label, legend))
    strange = labels[~labels.map(is_class_name) & (labels != "")]
    if len(strange):
        raise InputError(
            f"{path.name} row {strange.index[0]}: {strange.iloc[0]!r} is no class of expressions"
            f"{' and has no line in the legend' if legend else ''}. Name one of {', '.join(EXPRESSIONS)}, or leave "
            "the label empty."
        )
    if not legend:
        return labels, ()
    return labels, (f"numbers in {column}: " + ", ".join(f"{number} {name}" for number, name in legend.items()),)


def _pick_label(path: Path, lines: pd.DataFrame) -> str:
    """The column of the labels; of several, which must then agree, one with names goes before one with numbers."""
    first = _pick(path, lines, LABEL_COLUMNS, "labels")
    found = [column for name in LABEL_COLUMNS for column in lines if column.split("(")[0].strip() == name]
    spelt = [column for column in found if not lines[column].map(is_number).any()]
    for other in spelt[1:]:
        if not lines[spelt[0]].map(parse_expression).equals(lines[other].map(parse_expression)):
            raise InputError(
                f"{path.name} has labels in the columns {spelt[0]} and {other}, which differ. Remove or rename one."
            )
    return spelt[0] if spelt else first


def _read_confidence(path: Path, lines: pd.DataFrame, needed: bool) -> np.ndarray:
    """(n,) confidence, NaN where the file has none."""
    found = [column for column in CONFIDENCE_COLUMNS if column in lines]
    if not found and needed:
        raise InputError(
            f"{path.name} has the columns {', '.join(lines)}; --threshold needs one of "
            f"{', '.join(CONFIDENCE_COLUMNS)}. Rename a column in its first line, or omit --threshold."
        )
    if not found:
        return np.full(len(lines), np.nan)
    texts = lines[found[0]].str.replace(",", ".")  # as spreadsheets write it in half of the world
    values = pd.to_numeric(texts, errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(bad):
        value = lines[found[0]].iloc[bad[0]]
        raise InputError(
            f"{path.name} row {lines.index[bad[0]]}: {found[0]} must be 0 to 1, got {value!r}. Correct it."
        )
    return values


def _find_faces(dataset: Dataset, names: pd.Series) -> np.ndarray:
    """(n,) row of each face's name, a face_id or a path, -1 where none or several faces go by it."""
    table = dataset.table
    rows = pd.Series(np.arange(len(table)), index=table["face_id"])
    by_origin = pd.Series(np.arange(len(table)), index=table["origin"])
    rows = pd.concat([rows, by_origin[~by_origin.index.duplicated(keep=False)]])
    rows = rows[~rows.index.duplicated()]
    cleaned = names.str.strip().str.replace("\\", "/").str.removeprefix("./")
    return cleaned.map(rows).fillna(-1).to_numpy(np.int64)
