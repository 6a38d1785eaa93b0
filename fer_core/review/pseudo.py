"""A file of pseudo-labels: labels for many faces from a network or a person, compared with their current labels."""

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
    """The result of reading a pseudo-label file.

    Attributes:
        corrections: those that change a label.
        n_rows: lines of the file.
        n_unsure: lines below the threshold.
        n_same: lines whose label the face already has.
        n_outside: lines with a class outside the seven, or without a class.
        n_unknown: lines whose path or face_id matches no face of the data set.
        notes: how the file was read, where its first line does not say so.
    """

    corrections: list[Correction]
    n_rows: int
    n_unsure: int
    n_same: int
    n_outside: int
    n_unknown: int
    notes: tuple[str, ...] = ()


def read_pseudo_labels(dataset: Dataset, log: CorrectionLog, path: Path, threshold: float, who: str) -> PseudoLabels:
    """Reads corrections from a CSV of face, label and, with a threshold, confidence; nothing is written.

    Args:
        dataset: the data set; a face is named by its `face_id` or its `origin`.
        log: its log of corrections.
        path: the CSV, with any separator and encoding that `read_csv` knows, one of FACE_COLUMNS and one of
            LABEL_COLUMNS. A face may occur twice with the same label. Labels are names, or numbers if a legend gives
            their meaning (`fer_core.sources.lists.legend`).
        threshold: minimum confidence, 0 to 1; 0 uses every line and needs no confidence column.
        who: the person who accepts the labels.

    Raises:
        InputError: if a column is missing or ambiguous, a label is neither a class name nor a number with a legend, a
            confidence is not a number, one face has two labels, or no line matches a face.
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
    """The corrections for pairs of data set row and file line; `label` and `confidence` are indexed by line."""
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
    """Raises InputError if two of the lines that are used give one face different labels."""
    first: dict[int, int] = {}
    for line in np.flatnonzero(used):
        other = first.setdefault(int(faces[line]), int(line))
        if label[other] != label[line]:
            raise InputError(
                f"{path.name} labels one face {label[other]} in row {lines.index[other]} and {label[line]} in row "
                f"{lines.index[line]}. Keep the correct row."
            )


def _pick(path: Path, lines: pd.DataFrame, wanted: tuple[str, ...], what: str) -> str:
    """The first column with a wanted name; text in brackets after the name is ignored."""
    found = [column for name in wanted for column in lines if column.split("(")[0].strip() == name]
    if not found:
        raise InputError(
            f"{path.name} has the columns {', '.join(lines)}; for the {what} it needs one of {', '.join(wanted)}. "
            "Rename a column in its first line."
        )
    return found[0]


def _read_labels(path: Path, lines: pd.DataFrame) -> tuple[pd.Series, tuple[str, ...]]:
    """The labels as names, and notes about them; numbers are translated by a legend, never guessed."""
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
            f"{path.name} row {strange.index[0]}: {strange.iloc[0]!r} is not a class of expressions"
            f"{' and has no line in the legend' if legend else ''}. Name one of {', '.join(EXPRESSIONS)}, or leave "
            "the label empty."
        )
    if not legend:
        return labels, ()
    return labels, (f"numbers in {column}: " + ", ".join(f"{number} {name}" for number, name in legend.items()),)


def _pick_label(path: Path, lines: pd.DataFrame) -> str:
    """The column of the labels. Several must agree; a column of names is preferred to one of numbers."""
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
    """(n,) row of each face, named by face_id or path; -1 where no face or several faces match."""
    table = dataset.table
    rows = pd.Series(np.arange(len(table)), index=table["face_id"])
    by_origin = pd.Series(np.arange(len(table)), index=table["origin"])
    rows = pd.concat([rows, by_origin[~by_origin.index.duplicated(keep=False)]])
    rows = rows[~rows.index.duplicated()]
    cleaned = names.str.strip().str.replace("\\", "/").str.removeprefix("./")
    return cleaned.map(rows).fillna(-1).to_numpy(np.int64)
