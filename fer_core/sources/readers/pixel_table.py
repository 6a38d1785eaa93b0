"""A CSV with the faces' pixels as numbers: in one column `pixels`, or one column per pixel; or one such CSV per split.

The label is a column of names or numbers, or a column of 0 and 1 for each expression; Usage (or split, set) and
subject (or person) are read if present; with one CSV per split (train.csv, val.csv, test.csv) the file's name gives
the split (`fer_core.sources.pixels.files`). Numbers are read in FER2013's order if the file has FER2013's layout:
labels 0 to 6, and Usage with the names PublicTest or PrivateTest, or with Training for faces of 48 px and the column
emotion. The user's settings, the column's name and a legend take precedence.

Contents: as provided by its owner.
Labels: the CSV's column of labels.
Subjects: the CSV's column subject, if there is one.
Splits: the CSV's column Usage, if there is one, or the names of its files; else none.
Publication: unknown.
Licence: as stated by its owner.
Known faults: none known.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.errors import InputError
from fer_core.sources.classes import KNOWN_NAMES, ORDERS, Classes, UnclearNumbers, check_numbers
from fer_core.sources.lists.columns import USAGES, Columns, choose_label, find_columns, has_label, read_one_hot
from fer_core.sources.lists.legend import is_number, name_label, name_numbers, read_column_legend, read_legend
from fer_core.sources.lists.rows import has_no_label
from fer_core.sources.pixels.files import find_pixel_files, name_files, note_other_files, read_pixel_files, root_of
from fer_core.sources.pixels.parse import PixelRows, read_header
from fer_core.sources.pixels.values import SIDE_PX
from fer_core.sources.readers.fer_votes import VOTES_NAME, add_votes
from fer_core.sources.records import Problem, Reading

_MEANT_NAMES = ("fer2013", "icml_face_data", "train")  # of CSVs that votes beside them clearly belong to
_LAYOUT = "CSV of pixels"
_FER_USAGES = {"training", "publictest", "privatetest"}


def find_pixel_csv(path: Path) -> str | None:
    """The layout if `path` is a CSV of pixels and labels, or a folder with one, else None."""
    files = find_pixel_files(path)
    return f"{_LAYOUT}, {name_files(files).name}" if files and has_label(read_header(files[0])) else None


def read_pixel_csv(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of the CSV; a label outside the seven is counted, an unknown one a problem.

    Raises:
        InputError: if there is no such CSV, or the meaning of its numbers is unknown.
    """
    files = find_pixel_files(path)
    if not files:
        raise InputError(f"{path} is not a CSV with pixels and contains none. Give the CSV file itself.")
    file, rows = name_files(files), read_pixel_files(files)
    stated = find_labels(file, rows)
    order = find_own_order(stated, file, classes) if stated.is_fer_layout else ""
    reading = build_reading("pixelcsv", f"{_LAYOUT}, {file.name}", file, rows, stated, classes, order)
    reading.root = root_of(files)
    note_other_files(reading, path, files)
    try:
        add_votes(reading, rows)
    except InputError as error:
        if file.name.partition(".")[0] in _MEANT_NAMES:
            raise
        reading.notes.append(f"{VOTES_NAME} beside it is not used: {error}")
    return reading


@dataclass(frozen=True)
class Labels:
    """The labels and splits in a file of pixels.

    Attributes:
        labels: (N,) as the file spells them.
        usages: (N,) likewise, "" if missing.
        columns: their columns.
        is_fer_layout: its splits have FER2013's names, or its file name, columns and size are FER2013's, regardless of
            its numbers.
    """

    labels: list[str]
    usages: list[str]
    columns: Columns
    is_fer_layout: bool


def find_labels(file: Path, rows: PixelRows) -> Labels:
    """The labels and splits of a file's rows.

    Raises:
        InputError: if it has no column of labels, or two that differ.
    """
    columns = find_columns(list(rows.fields), choose_label(rows.fields, file.name))
    if columns.label:
        labels = rows.fields[columns.label]
    elif columns.one_hot:
        labels = read_one_hot({name: rows.fields[name] for name in columns.one_hot}, file.name)
    else:
        raise InputError(f"{file.name} has no column emotion, so its faces have no label. Give the labelled file.")
    usages = rows.fields.get(columns.usage, [""] * len(labels))
    stated = {usage.lower() for usage in usages}
    has_fer_names = bool(stated & _FER_USAGES - {"training"}) and stated <= _FER_USAGES
    is_fer = rows.pixels.shape[1] == SIDE_PX and columns.label == "emotion"
    is_fer &= bool(stated & _FER_USAGES) or _is_named_fer2013(file)
    return Labels(labels, usages, columns, has_fer_names or is_fer)


def build_reading(
    source: str, layout: str, file: Path, rows: PixelRows, stated: Labels, classes: Classes, own_order: str
) -> Reading:
    """The reading of a file's rows; those without a label, or with an unknown class or split, are problems.

    Args:
        source: the reader's name.
        layout: a phrase.
        file: the CSV.
        rows: its rows.
        stated: their labels and splits.
        classes: the user's settings.
        own_order: the name in ORDERS of its known order, or "".
    """
    notes = list(rows.notes)
    legend = name_numbers(stated.labels, stated.columns.label, file, classes, own_order, notes)
    labels = pd.Series([name_label(text, legend) for text in stated.labels], dtype=object)
    expression = labels.map({label: classes.parse(label) for label in set(labels)})
    missing = labels.map({label: has_no_label(label, classes) for label in set(labels)}).to_numpy(bool)
    known = labels.map({label: classes.is_known(label) for label in set(labels)}).to_numpy(bool) & ~missing
    usage = pd.Series([text.strip().lower() for text in stated.usages], dtype=object).map(USAGES)
    keep = expression.notna().to_numpy() & ~missing & usage.notna().to_numpy()
    origins = np.array(rows.origins, dtype=object)
    bad = np.flatnonzero(~known | (~keep & expression.notna().to_numpy()))
    problems = list(rows.problems) + [
        Problem(origins[i], _explain(stated, int(i), bool(missing[i]), bool(known[i]), legend)) for i in bad
    ]
    subject = _get_subjects(rows, stated.columns)
    columns = {"origin": origins, "expression": expression, "subject": subject, "usage": usage}
    table = pd.DataFrame({name: np.asarray(values, object)[keep] for name, values in columns.items()})
    return Reading(
        source=source, layout=layout, root=file, table=table, notes=notes,
        pixels=rows.pixels if keep.all() else rows.pixels[keep],
        left_out=Counter(labels[known & expression.isna().to_numpy()].str.strip().str.lower()),
        problems=rows.sort(problems),
        unknown=Counter(labels[~known & ~missing].str.strip()),
        unused=[*stated.columns.unused, *stated.columns.box],
    )  # fmt: skip


def _explain(stated: Labels, i: int, is_missing: bool, is_known: bool, legend: dict[int, str]) -> str:
    label = stated.labels[i]
    if is_missing:
        return "it has no label"
    if is_known:
        return (
            f"{stated.columns.usage.capitalize()} must be Training, PublicTest or PrivateTest (or train, val, test), "
            f"got {stated.usages[i]!r}"
        )
    if is_number(label) and legend:
        return f"{stated.columns.label} must be {min(legend)} to {max(legend)}, got {label!r}"
    return f"unknown class {label!r}"


def _get_subjects(rows: PixelRows, columns: Columns) -> np.ndarray:
    return np.array(rows.fields.get(columns.subject, [""] * len(rows.row)), dtype=object)


def find_own_order(stated: Labels, file: Path, classes: Classes) -> str:
    """fer2013 if the numbers are clearly FER2013's; "" if the user or a legend gives their meaning.

    A file with FER2013's name keeps FER2013's order as long as its numbers fit it: a legend beside it may belong to
    another data set.

    Raises:
        InputError: if they may also start from 1, or there is an eighth, and nothing gives their meaning.
    """
    order, numbers = ORDERS["fer2013"], get_numbers(stated)
    if numbers <= set(classes.numbers) or classes.order or read_column_legend(stated.columns.label):
        return ""
    has_legend = read_legend(file.parent) is not None
    if has_legend and not _is_named_fer2013(file):
        return ""
    if 0 in numbers:  # then a number outside the order that occurs once is a bad row, not a class
        numbers = {number for number in numbers if number in order or stated.labels.count(str(number)) > 1}
    try:
        check_numbers(numbers, order, file.name)
    except UnclearNumbers:
        if has_legend:
            return ""
        raise
    return "fer2013"


def _is_named_fer2013(file: Path) -> bool:
    return file.name.lower().partition(".")[0] in ("fer2013", "icml_face_data")


def get_numbers(stated: Labels) -> set[int]:
    """The numbers among the labels."""
    return {int(float(label)) for label in set(stated.labels) if is_number(label)}
