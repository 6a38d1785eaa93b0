"""FER2013: 35,887 web faces, the data set of the 2013 Kaggle challenge.

Contents: 48x48 grey faces found by an image search for emotion words and cropped by a detector.
Labels: one of seven expressions as a number, 0 angry to 6 neutral (copies with names, or with a legend file
beside the CSV, are read too), about 65 % human agreement with them.
Subjects: not given.
Splits: Usage: Training 28,709, PublicTest 3,589 (validation), PrivateTest 3,589 (test).
Publication: Goodfellow et al., Challenges in Representation Learning, ICONIP 2013.
Votes: where fer2013new.csv (FER+, ten taggers a face, MIT licence; Barsoum et al., 2016) lies beside the CSV, each
face's shares of their votes among the seven expressions come along as columns `votes_<expression>`, and what most of
them chose as `vote_majority`.
Licence: research use.
Known faults: about 1,500 groups of exact copies, some across the splits and some with contradicting
labels; a few pictures that are no face; many wrong labels.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.data.classes import KNOWN_NAMES, Classes
from fer_core.data.dataset import VOTES
from fer_core.data.readers.class_folders import find_named_splits
from fer_core.data.readers.fer2013_folder import LAYOUT, is_fer2013_folder
from fer_core.data.readers.fer_votes import VOTES_NAME, read_votes
from fer_core.data.readers.image_folder import read_image_folder
from fer_core.data.readers.legend import FER2013_LEGEND, find_legend, is_number, name_label
from fer_core.data.readers.pixel_csv import read_header, read_pixel_rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError
from fer_core.wording import count_of

_USAGE = {"training": "train", "publictest": "val", "privatetest": "test"}
_CSV_NAMES = ("fer2013.csv", "icml_face_data.csv", "train.csv")


def find_fer2013(path: Path) -> str | None:
    """The layout when `path` is FER2013 (a CSV, the folder around it, or train/ and test/), else None."""
    file = _find_csv(path)
    if file:
        return f"FER2013, {file.name} (pixels in a CSV column)"
    return LAYOUT if is_fer2013_folder(path) else None


def read_fer2013(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of fer2013.csv, icml_face_data.csv or the folder form; Usage becomes the split.

    Raises:
        InputError: when the path holds neither, or the CSV lacks a column.
    """
    file = _find_csv(path)
    if file is None:
        if not find_named_splits(path):
            raise InputError(f"{path} holds no fer2013.csv, icml_face_data.csv or train/ and test/ folders.")
        reading = read_image_folder(path, classes)
        reading.source, reading.layout = "fer2013", LAYOUT
        return reading
    rows = read_pixel_rows(file)
    if "emotion" not in rows.fields:
        raise InputError(
            f"{file.name} has no column emotion, so its faces have no label. Give the labelled fer2013.csv."
        )
    return _build_reading(file, rows.fields, rows.row, rows.pixels, rows.problems, classes)


def _build_reading(
    file: Path,
    fields: dict[str, list[str]],
    row: np.ndarray,
    pixels: np.ndarray,
    problems: list[Problem],
    classes: Classes,
) -> Reading:
    labels = _name_labels(fields["emotion"], file, classes)
    expression = labels.map(classes.parse)
    outside = labels.map(classes.is_known).to_numpy() & expression.isna().to_numpy()
    usage_text = pd.Series(fields.get("usage", [""] * len(row)), dtype=str).str.lower()
    usage = usage_text.map({**_USAGE, "": ""})
    known_usage = usage.notna().to_numpy()
    unknown = expression.isna().to_numpy() & ~outside
    for i in np.flatnonzero(unknown):
        problems.append(Problem(f"row {row[i]}", f"emotion must be 0 to 6, got {fields['emotion'][i]!r}"))
    for i in np.flatnonzero(~unknown & ~outside & ~known_usage):
        problems.append(
            Problem(f"row {row[i]}", f"Usage must be Training, PublicTest or PrivateTest, got {usage_text[i]!r}")
        )
    keep = expression.notna().to_numpy() & known_usage
    left_out = Counter(labels[outside].str.strip().str.lower())
    table = pd.DataFrame(
        {
            "origin": [f"row {number}" for number in row[keep]],
            "expression": expression[keep].to_numpy(object),
            "subject": "",
            "usage": usage[keep].to_numpy(),
        }
    )
    problems.sort(key=lambda problem: int(problem.origin.split()[1]))
    layout = f"FER2013, {file.name} (pixels in a CSV column)"
    votes = file.with_name(VOTES_NAME)
    notes = []
    if votes.is_file():
        table = pd.concat([table, read_votes(votes, row[keep])], axis=1)
        layout += f", {VOTES_NAME} (FER+ votes)"
        n_voted = int(table[f"{VOTES}neutral"].notna().sum())
        notes.append(f"{count_of(n_voted, 'face')} with votes of several people (FER+)")
    unknown_classes = Counter(labels[unknown].str.strip())
    faces = pixels if keep.all() else pixels[keep]
    return Reading("fer2013", layout, file, table, faces, left_out, problems, notes, unknown_classes)


def _name_labels(emotion: list[str], file: Path, classes: Classes) -> pd.Series:
    """(n,) class names; a number that stands for none comes back as it is.

    Raises:
        InputError: when the numbers run from 1 to 7, which is another order, and no legend says which.
    """
    legend = classes.numbers or find_legend(file.parent)
    codes = {int(float(text)) for text in set(emotion) if is_number(text)}
    if not legend and 7 in codes and min(codes) == 1:
        raise InputError(
            f"{file.name} has emotions from 1 to 7, not FER2013's 0 to 6, and nothing says which expression each is. "
            "Write legend.csv beside it with a line each, such as 1,angry."
        )
    return pd.Series([name_label(text, legend or FER2013_LEGEND) for text in emotion], dtype=object)


def _find_csv(path: Path) -> Path | None:
    candidates = [path] if path.is_file() else [path / name for name in _CSV_NAMES]
    for file in candidates:
        if file.is_file() and file.suffix.lower() == ".csv" and "pixels" in read_header(file):
            return file
    return None
