"""The names of columns in lists, and the meaning of their cells."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fer_core.errors import InputError
from fer_core.labels import is_class_name, parse_expression
from fer_core.sources.lists.legend import is_number

PATH = (
    "path", "pth", "image_path", "img_path", "file_path", "filepath", "file", "file_name", "filename", "image", "img",
    "image_name", "img_name", "subdirectory_filepath",
)  # fmt: skip
LABEL = (
    "label", "labels", "emotion", "emotions", "expression", "expressions", "class", "class_name", "classname",
    "category", "emotion_label", "label_name", "target",
)  # fmt: skip
USAGE = ("usage", "split", "set", "subset", "partition")
SUBJECT = ("subject", "subject_id", "person", "person_id", "identity", "subject id", "person id")
_BOXES = (  # four columns -> whether the last two are sizes
    (("x", "y", "w", "h"), True),
    (("x", "y", "width", "height"), True),
    (("face_x", "face_y", "face_width", "face_height"), True),
    (("left", "top", "right", "bottom"), False),
    (("left", "top", "width", "height"), True),
    (("face_left", "face_top", "face_right", "face_bottom"), False),
    (("bbox_x", "bbox_y", "bbox_w", "bbox_h"), True),
    (("bbox_x", "bbox_y", "bbox_width", "bbox_height"), True),
    (("xmin", "ymin", "xmax", "ymax"), False),
    (("x_min", "y_min", "x_max", "y_max"), False),
    (("x1", "y1", "x2", "y2"), False),
)
_BOX_CELLS = ("bbox", "box", "face_box", "face_bbox", "bounding_box", "boundingbox", "bbox_xywh", "bbox_xyxy",
              "bbox_cxcywh", "bbox_yxyx", "bbox_trbl")  # fmt: skip
USAGES = {
    "": "",
    "train": "train", "training": "train",
    "val": "val", "eval": "val", "valid": "val", "validation": "val", "publictest": "val", "dev": "val",
    "test": "test", "testing": "test", "privatetest": "test",
}  # fmt: skip
"""Split as lists spell it, in lower case -> train, val, test or ""."""


class Columns(NamedTuple):
    """The columns of a list by meaning; "" for a missing one.

    Attributes:
        path: the image's path.
        label: the class.
        usage: the split.
        subject: the person.
        box: four columns of a face's box, or one with four numbers in each cell; () without.
        box_has_size: whether the last two of four columns are the face's size.
        one_hot: one column per class, if no column is a label.
        unused: the others.
    """

    path: str
    label: str
    usage: str
    subject: str
    box: tuple[str, ...]
    box_has_size: bool
    one_hot: tuple[str, ...]
    unused: list[str]


def find_columns(names: Sequence[str], label: str = "") -> Columns:
    """The columns of a list by their names, in lower case.

    Args:
        names: of all its columns.
        label: the column of labels, if it has been chosen (`choose_label`).
    """
    label = label or pick(names, LABEL)
    box: tuple[str, ...]
    box, has_size = next(((box, has_size) for box, has_size in _BOXES if set(box) <= set(names)), ((), False))
    if not box:
        box = (pick(names, _BOX_CELLS),) if pick(names, _BOX_CELLS) else ()
    one_hot = () if label else tuple(name for name in names if is_class_name(name))
    one_hot = one_hot if sum(parse_expression(name) is not None for name in one_hot) > 1 else ()
    path, usage, subject = pick(names, PATH), pick(names, USAGE), pick(names, SUBJECT)
    used = {path, label, usage, subject, *box, *one_hot}
    return Columns(path, label, usage, subject, box, has_size, one_hot, [name for name in names if name not in used])


def pick(names: Sequence[str], wanted: Iterable[str]) -> str:
    """The first column with one of these names, "" without; a suffix in brackets is ignored."""
    return next((name for one in wanted for name in names if _plain(name) == one), "")


def find_usage_word(file_name: str) -> str:
    """The split in a file's name, such as train_labels.csv; "" if it names none or two."""
    found = {USAGES[word] for word in re.split(r"[^a-z]+", file_name.lower()) if USAGES.get(word)}
    return found.pop() if len(found) == 1 else ""


def fill_splits(cells: Sequence[str], numbers: Iterable[int], column: str, file_name: str, usage: str) -> list[str]:
    """The split of each row as the list spells it: from its cell, or if that is empty, from the file.

    Args:
        cells: the cells.
        numbers: of the rows, for the message.
        column: the cells' column, likewise.
        file_name: likewise.
        usage: the split in the file's name or folder, if there are files of other splits; "" if there is none.

    Raises:
        InputError: if a cell names another split than the file.
    """
    for number, text in zip(numbers, cells, strict=True) if usage else ():
        if USAGES.get(text.strip().lower(), usage) not in ("", usage):
            raise InputError(
                f"{file_name} row {number} has the split {text!r}, but the file's name says {usage}. Rename the "
                f"file, or remove its column {column}."
            )
    return [text if text.strip() else usage for text in cells]


def is_box_cell(name: str) -> bool:
    """True for a column whose name says that each cell is a whole box."""
    return _plain(name) in _BOX_CELLS


def has_label(names: Sequence[str]) -> bool:
    """True if a list gives an expression for each row, in one column or in one column per class."""
    columns = find_columns(names)
    return bool(columns.label or columns.one_hot)


def choose_label(table: Mapping[str, Sequence[str]], file_name: str) -> str:
    """The column of labels; of several, the one with names; "" if there is none.

    Args:
        table: column -> its cells.
        file_name: for the message.

    Raises:
        InputError: if two columns contradict each other.
    """
    found = [name for name in table if _plain(name) in LABEL]
    named = [name for name in found if not all(is_number(label) or not label.strip() for label in set(table[name]))]
    known = [name for name in named if any(is_class_name(label) for label in set(table[name]))]
    candidates = known or named or found
    first = pick(candidates, LABEL)
    for other in candidates:
        if any(_differ(*pair) for pair in zip(table[first], table[other], strict=True)):
            raise InputError(
                f"{file_name} has the columns {first} and {other}, which differ. Rename the one that is not the "
                "label in its first line."
            )
    return first


def read_one_hot(cells: Mapping[str, Sequence[str]], file_name: str) -> list[str]:
    """The class of each row that has a single 1; "" for a row with none or several.

    Args:
        cells: class -> its column.
        file_name: for the message.

    Raises:
        InputError: if the columns contain numbers other than 0 and 1, such as votes or probabilities.
    """
    columns = {name: [cell.strip().lower() for cell in column] for name, column in cells.items()}
    for name, column in columns.items():
        wrong = next((cell for cell in column if cell not in _BITS), None)
        if wrong is not None:
            raise InputError(
                f"{file_name} has a column for each expression, and {name} contains {wrong!r} instead of 0 or 1. "
                "Votes and probabilities are not labels: add a column label with one class per row."
            )
    labels = []
    for bits in zip(*columns.values(), strict=True):
        ones = [name for name, bit in zip(columns, bits, strict=True) if _BITS[bit]]
        labels.append(ones[0] if len(ones) == 1 else "")
    return labels


_BITS = {"0": False, "0.0": False, "false": False, "": False, "1": True, "1.0": True, "true": True}


def _plain(name: str) -> str:
    return name.split("(")[0].strip().lower()


def _differ(one: str, other: str) -> bool:
    a, b = one.strip().lower(), other.strip().lower()
    return a != b and (parse_expression(a) or a) != (parse_expression(b) or b)
