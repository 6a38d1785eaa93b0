"""FER2013: 35,887 web faces, the data set of the 2013 Kaggle challenge.

Contents: 48x48 grey faces found by an image search for emotion words and cropped by a detector.
Labels: one of seven expressions as a number, 0 angry to 6 neutral (copies with names are read too), about 65 % human
agreement with them.
Subjects: not given.
Splits: Usage: Training 28,709, PublicTest 3,589 (validation), PrivateTest 3,589 (test).
Publication: Goodfellow et al., Challenges in Representation Learning, ICONIP 2013.
Votes: if fer2013new.csv (FER+, ten taggers per face, MIT licence; Barsoum et al., 2016) is beside the CSV, each face's
vote shares among the seven expressions are read as columns `votes_<expression>`, and the majority vote as
`vote_majority`.
Licence: research use.
Known faults: about 1,500 groups of exact copies, some across the splits and some with contradicting
labels; a few pictures that do not show a face; many wrong labels.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, INDEX, parse_expression
from fer_core.sources.classes import KNOWN_NAMES, ORDERS, Classes, UnclearNumbers
from fer_core.sources.known_faces import Found, find_known, is_own_order, share_named
from fer_core.sources.lists.columns import USAGE, find_columns, pick
from fer_core.sources.lists.legend import FER2013_LEGEND, is_number, read_column_legend, read_legend
from fer_core.sources.pixels.files import find_pixel_files, name_files, note_other_files, read_pixel_files, root_of
from fer_core.sources.pixels.parse import read_fields, read_pixel_rows
from fer_core.sources.readers.class_folders import find_named_splits
from fer_core.sources.readers.fer2013_folder import LAYOUT, is_fer2013_folder
from fer_core.sources.readers.fer_votes import add_votes
from fer_core.sources.readers.image_folder import read_image_folder
from fer_core.sources.readers.pixel_table import Labels, build_reading, find_labels, find_own_order, get_numbers
from fer_core.sources.records import Reading

_N_PEEKED = 1024  # rows whose faces say whether it is FER2013
_N_USAGES = {"training": 28_709, "publictest": 3_589, "privatetest": 3_589}
_N_CLASSES = dict(zip(EXPRESSIONS, (4_953, 547, 5_121, 8_989, 6_077, 4_002, 6_198), strict=True))
_MIN_BY_LEGEND = 0.5  # of the known faces have the class that a legend names
_MIN_BYTES = 35_887 * 64  # of a file with as many faces, even packed


def find_fer2013(path: Path) -> str | None:
    """The layout if `path` is FER2013 (a CSV, its folder, or train/ and test/), else None.

    A CSV is FER2013 if its faces are, or its counts of splits and classes; a few hundred of the faces are enough.
    """
    files = find_pixel_files(path)
    if files and _is_fer2013(files):
        return _name_layout(name_files(files))
    return LAYOUT if is_fer2013_folder(path) else None


def read_fer2013(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The faces of fer2013.csv, icml_face_data.csv or the folder form; Usage becomes the split.

    Raises:
        InputError: if the path has neither, the CSV lacks a column, or its labels are not in FER2013's order.
    """
    files = find_pixel_files(path)
    if not files:
        if not find_named_splits(path):
            raise InputError(f"{path} has no fer2013.csv, icml_face_data.csv or train/ and test/ folders.")
        reading = read_image_folder(path, classes)
        reading.source, reading.layout = "fer2013", LAYOUT
        return reading
    file, rows = name_files(files), read_pixel_files(files)
    stated = find_labels(file, rows)
    found = find_known(rows.pixels)
    order = _find_order(stated, file, classes, found)
    reading = build_reading("fer2013", _name_layout(file), file, rows, stated, classes, order)
    reading.root = root_of(files)
    note_other_files(reading, path, files)
    add_votes(reading, rows, found.rows if found.is_fer2013 else {})
    return reading


def _find_order(stated: Labels, file: Path, classes: Classes, found: Found) -> str:
    """fer2013 if the labels are numbers in its order, as the recognised faces show; "" if something else decides.

    Raises:
        InputError: if recognised faces do not have FER2013's numbers, and nothing else gives the numbers' meaning.
    """
    if not get_numbers(stated) - set(classes.numbers) or classes.order or read_column_legend(stated.columns.label):
        return ""
    if not found.is_fer2013:
        return "fer2013" if _has_counts(stated.labels, stated.usages) else find_own_order(stated, file, classes)
    numbers = [int(float(label)) if is_number(label) else -1 for label in stated.labels]
    numbers = [-1 if number in classes.numbers else number for number in numbers]
    own = _share_named(found, numbers, FER2013_LEGEND, classes)
    legend = read_legend(file.parent)
    by_legend = _share_named(found, numbers, legend.names, classes) if legend else 0.0
    if by_legend >= max(own, _MIN_BY_LEGEND):
        return ""
    if is_own_order(found, numbers):
        return "fer2013"
    raise UnclearNumbers(
        f"{file.name} contains faces of FER2013, but only {own:.0%} of the recognised ones have FER2013's number"
        f"{f' and {by_legend:.0%} the class given in {legend.where}' if legend else ''}, so its numbers are not "
        "in FER2013's order. State their meaning in a legend.csv beside it, with lines such as 1,angry, or with "
        f"--meaning numbers={'|'.join(ORDERS)}."
    )


def _share_named(found: Found, numbers: list[int], names: Mapping[int, str], classes: Classes) -> float:
    meanings = {number: classes.parse(name) for number, name in names.items()}
    return share_named(found, ["" if number < 0 else meanings.get(number) for number in numbers])


def _is_fer2013(files: list[Path]) -> bool:
    peeked = [read_pixel_rows(file, _N_PEEKED).pixels for file in files]
    if len({pixels.shape[1:] for pixels in peeked}) == 1 and find_known(np.concatenate(peeked)).is_fer2013:
        return True
    file = files[0]
    if len(files) > 1 or file.stat().st_size < _MIN_BYTES:
        return False
    fields = read_fields(file)
    label, usage = find_columns(list(fields)).label, pick(list(fields), USAGE)
    return bool(label and usage) and _has_counts(fields[label], fields[usage])


def _has_counts(labels: list[str], usages: list[str]) -> bool:
    """Whether the numbers of faces per class and split are FER2013's, in its order."""
    names = {label: _name_class(label) for label in set(labels)}
    return Counter(map(str.lower, usages)) == _N_USAGES and Counter(names[label] for label in labels) == _N_CLASSES


def _name_class(label: str) -> str | None:
    """The class for a name, or for a number in FER2013's order."""
    number = int(float(label)) if is_number(label) else INDEX.get(parse_expression(label) or "", -1)
    return EXPRESSIONS[number] if 0 <= number < len(EXPRESSIONS) else None


def _name_layout(file: Path) -> str:
    return f"FER2013, {file.name} (pixels in a CSV column)"
