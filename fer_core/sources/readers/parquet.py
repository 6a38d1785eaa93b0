"""Parquet files with pictures, as in Hugging Face's data sets: a file, or a folder with one or more per split.

The column of pictures contains their bytes, or a struct with bytes and path. The label is a name, or a number whose
name comes from the file itself (Hugging Face's ClassLabel), from a legend beside it or from the user. The split comes
from the file's name (train-00000-of-00002.parquet), its folder, or a column. Faces are cropped by a box in four
columns, or in one column of four numbers or of lists.

Contents: as provided by its owner.
Labels: the column of labels.
Subjects: the column subject, if there is one.
Splits: the column split, or the files' names, if they give one; else none.
Publication: unknown.
Licence: as stated by its owner.
Known faults: none known.
"""

import json
import re
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from fer_core.errors import InputError
from fer_core.sources.archives.parquet import find_image_column, name_row
from fer_core.sources.archives.picture_sizes import read_sizes
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.ignored import list_folders, list_plain_files
from fer_core.sources.lists.boxes import read_boxes
from fer_core.sources.lists.columns import (
    USAGES,
    Columns,
    choose_label,
    fill_splits,
    find_columns,
    find_usage_word,
    has_label,
    is_box_cell,
    read_one_hot,
)
from fer_core.sources.lists.legend import Legend, check_covered, is_number, name_label, name_numbers
from fer_core.sources.lists.rows import Rows
from fer_core.sources.records import Problem, Reading

_LAYOUT = "Parquet with pictures"
_SHARD = re.compile(r"[-_]?(\d+)-of-(\d+)")
_BOX_NAMES = ("bbox", "box", "boxes", "bboxes", "objects")


def find_parquet(path: Path) -> str | None:
    """The layout if `path` is a Parquet file with pictures and labels, or a folder with such files, else None."""
    return _LAYOUT if any(_is_pictures(file) for file, _ in _find_files(path)) else None


def read_parquet(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The rows of the files; a label outside the seven is counted, an unknown one a problem.

    Raises:
        InputError: if there is no such file, it cannot be read, or the meaning of its numbers is unknown.
    """
    files = _find_files(path)
    if not files:
        raise InputError(f"{path} is not a Parquet file and contains none. Give the file, or the folder of its parts.")
    root = path if path.is_dir() else path.parent
    rows = Rows(classes)
    files, notes = _choose_files(files)
    notes += _note_missing(path, [file for file, _ in files])
    is_split_by_files = len({usage for _, usage in files}) > 1
    parts = [_read_part(file) for file, _ in files]
    legends = _name_numbers(parts, classes, notes)
    boxes = _read_boxes(parts, root, classes, notes)
    for (_, usage), part, legend, places in zip(files, parts, legends, boxes, strict=True):
        labels = [name_label(label, legend) for label in part.labels]
        usages = _read_usages(part, usage, is_split_by_files)
        _add_rows(rows, part, part.file.relative_to(root).as_posix(), labels, usages, places)
        notes += _note_boxes(part)
    reading = rows.build_reading("parquet", _LAYOUT, root.resolve())
    reading.notes += dict.fromkeys(notes)
    reading.unused += dict.fromkeys(name for part in parts for name in (*part.columns.unused, *part.not_read))
    return reading


def _choose_files(files: list[tuple[Path, str]]) -> tuple[list[tuple[Path, str]], list[str]]:
    """The files with pictures and labels, and a note on each other file; all if none has both."""
    pictures = [(file, usage) for file, usage in files if _is_pictures(file)]
    if not pictures:
        return files, []
    others = [file for file, usage in files if (file, usage) not in pictures]
    return pictures, [f"{file.name} is not read: it has no pictures with labels" for file in others]


def _read_usages(part: "_Part", usage: str, is_split_by_files: bool) -> list[str]:
    """The split of each row: the column's, or else `usage`, from the file's name or folder."""
    cells = part.table.get(part.columns.usage, [""] * len(part.labels))
    if any(cells) and not is_split_by_files:  # train-00000-of-00001 may contain all splits
        return [text if text.strip() else usage for text in cells]
    return fill_splits(cells, range(1, len(cells) + 1), part.columns.usage, part.file.name, usage)


def _add_rows(
    rows: Rows, part: "_Part", name: str, labels: list[str], usages: list[str], boxes: list[str | ValueError]
) -> None:
    """Adds the rows of one file, whose path inside the source is `name`; a wrong box or split is a problem."""
    subjects = part.table.get(part.columns.subject, [""] * len(labels))
    for i, (label, subject, split, box) in enumerate(zip(labels, subjects, usages, boxes, strict=True), start=1):
        origin = name_row(name, i)
        if isinstance(box, ValueError):
            rows.problems.append(Problem(origin, str(box)))
        elif split.strip().lower() in USAGES:
            rows.add(origin, label, origin, subject.strip(), USAGES[split.strip().lower()], box, box)
        else:
            message = f"{part.columns.usage} must be train, val or test, got {split!r}"
            rows.problems.append(Problem(origin, message))


def _note_boxes(part: "_Part") -> list[str]:
    """The note on a column of boxes that is not read, if no other column has boxes."""
    unread = [name for name in part.not_read if name in _BOX_NAMES]
    if not unread or part.columns.box:
        return []
    return [f"the boxes in the column {unread[0]} are not used: each picture is used whole"]


def _read_boxes(parts: list["_Part"], root: Path, classes: Classes, notes: list[str]) -> list[list[str | ValueError]]:
    """The box of each row of each part; the order of the numbers is decided over all parts with a box column."""
    found: list[list[str | ValueError]] = [[""] * len(part.labels) for part in parts]
    for box in dict.fromkeys(part.columns.box for part in parts if part.columns.box):
        alike = [i for i, part in enumerate(parts) if part.columns.box == box]
        cells = {name: [cell for i in alike for cell in parts[i].table[name]] for name in box}
        names = [
            name_row(parts[i].file.relative_to(root).as_posix(), row)
            for i in alike
            for row in range(1, len(parts[i].labels) + 1)
        ]
        first = parts[alike[0]]
        each = read_boxes(cells, first.columns, first.file.name, classes, partial(read_sizes, root, names), notes)
        rest = iter(each)
        for i in alike:
            found[i] = list(islice(rest, len(parts[i].labels)))
    return found


class _Part(NamedTuple):
    """One file: its columns of plain values, its labels, and its own names for numbers."""

    file: Path
    table: dict[str, list[str]]
    columns: Columns
    labels: list[str]
    names: dict[int, str]
    not_read: list[str]


def _read_part(file: Path) -> _Part:
    schema, table, not_read = _read_columns(file)
    columns = find_columns(list(table), choose_label(table, file.name))
    if columns.one_hot:
        labels = read_one_hot({name: table[name] for name in columns.one_hot}, file.name)
    elif columns.label:
        labels = table[columns.label]
    else:
        raise InputError(
            f"{file.name} has the columns {', '.join(table)}, and none of them is a label column. Rename one to label."
        )
    return _Part(file, table, columns, labels, _read_class_names(schema, columns.label), not_read)


def _name_numbers(parts: list[_Part], classes: Classes, notes: list[str]) -> list[dict[int, str]]:
    """Number -> class for each part; a shard may lack some numbers, so parts with the same naming are read together."""
    legends = []
    for part in parts:
        alike = [other for other in parts if (other.names, other.columns.label) == (part.names, part.columns.label)]
        labels = {label for other in alike for label in other.labels}
        numbers = {int(float(label)) for label in labels if is_number(label)}
        if not part.names or classes.order or not numbers:
            legends.append(name_numbers(labels, part.columns.label, part.file, classes, "", notes))
            continue
        unsaid = numbers if numbers - set(classes.numbers) else set()
        covered = Legend(classes.merge_numbers(part.names), f"the list of names in {part.file.name}", bool(unsaid))
        check_covered(unsaid, covered, part.file.name)
        notes.append(f"numbers are read by the names in {part.file.name}")
        legends.append(covered.names)
    return legends


def _read_class_names(schema: Any, column: str) -> dict[int, str]:
    """Number -> name from Hugging Face's features, {} without them."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        feature = next(feature for name, feature in features.items() if name.strip().lower() == column)
        names = feature.get("names") or feature["class_label"]["names"]
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(number): str(name) for number, name in pairs}
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        return {}


def _read_columns(file: Path) -> tuple[Any, dict[str, list[str]], list[str]]:
    """The schema; column in lower case -> its cells, for plain values; and the other columns except the pictures."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(file) as source:
            schema = source.schema_arrow
            image = find_image_column(schema)
            if not image:
                raise InputError(
                    f"{file.name} has no column of pictures ({', '.join(schema.names)}). Give another file."
                )
            plain = [field.name for field in schema if field.name != image and _is_plain(field)]
            plain = [name for name in plain if not pa.types.is_binary(schema.field(name).type)]
            table = source.read(columns=plain)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file.name} cannot be read as Parquet ({error}). Download it again.") from error
    cells = {name.strip().lower(): list(map(_to_text, table.column(name).to_pylist())) for name in plain}
    return schema, cells, [name.strip().lower() for name in schema.names if name != image and name not in plain]


def _is_plain(field: Any) -> bool:
    """Whether a column's cells fit into a table: one value each, or a box's numbers."""
    import pyarrow as pa

    kind = field.type
    if is_box_cell(field.name.strip().lower()) and (pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)):
        return True
    return not pa.types.is_nested(kind)


def _is_pictures(file: Path) -> bool:
    import pyarrow as pa
    from pyarrow.parquet import read_schema

    try:
        schema = read_schema(file)
    except (OSError, pa.ArrowException):
        return False
    return bool(find_image_column(schema)) and has_label([name.lower() for name in schema.names])


def _find_files(path: Path) -> list[tuple[Path, str]]:
    """(file, the split in its name or folder) of each Parquet file, sorted."""
    if path.is_file():
        return [(path, find_usage_word(path.name))] if path.suffix.lower() == ".parquet" else []
    folders = [path, *(folder for folder in list_folders(path) if USAGES.get(folder.name.lower()))]
    files = [file for folder in folders for file in list_plain_files(folder) if file.suffix.lower() == ".parquet"]
    return [(file, USAGES.get(file.parent.name.lower()) or find_usage_word(file.name)) for file in files]


def _note_missing(path: Path, files: list[Path]) -> list[str]:
    """Notes on missing parts, counted by the files' names, and on folders beside theirs that are not read."""
    notes = []
    found: dict[tuple[Path, str, int], set[int]] = {}
    for file in files:
        match = _SHARD.search(file.name)
        if match:
            key = (file.parent, file.name[: match.start()], int(match[2]))
            found.setdefault(key, set()).add(int(match[1]))
    for (_, name, n), numbers in found.items():
        if len(numbers) < n:
            notes.append(f"only {len(numbers)} of the {n} parts of {name or 'the data set'} are present")
    for folder in list_folders(path) if path.is_dir() else []:
        if any(file.suffix.lower() == ".parquet" for file in list_plain_files(folder)) and not any(
            file.parent == folder for file in files
        ):
            notes.append(f"the Parquet files in {folder.name}/ are not read")
    return notes


def _to_text(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself
