"""Parquet files with pictures in them, as Hugging Face keeps data sets: a file, or a folder of one or more a split.

The column of pictures has their bytes, or a struct with bytes and path. The label is a name, or a number whose name
the file itself gives (Hugging Face's ClassLabel), a legend beside it or a person. The split is the file's name
(train-00000-of-00002.parquet), its folder's, or a column's.

Contents: what its owner put there.
Labels: the column of labels.
Subjects: the column subject, where it has one.
Splits: the column split, or the files' names, where they say one; else none.
Publication: none is known here.
Licence: as its owner says.
Known faults: none are known here.
"""

import json
import re
from pathlib import Path
from typing import Any

from fer_core.data.classes import KNOWN_NAMES, Classes
from fer_core.data.ignored import list_folders, list_plain_files
from fer_core.data.parquet import find_image_column, name_row
from fer_core.data.readers.columns import USAGES, Columns, choose_label, find_columns, has_label, read_one_hot
from fer_core.data.readers.legend import is_number, name_label, name_numbers
from fer_core.data.readers.rows import Rows
from fer_core.data.records import Problem, Reading
from fer_core.errors import InputError

_LAYOUT = "Parquet with pictures"


def find_parquet(path: Path) -> str | None:
    """The layout when `path` is a Parquet file of pictures and labels, or a folder with such files."""
    files = _find_files(path)
    return _LAYOUT if files and _is_pictures(files[0][0]) else None


def read_parquet(path: Path, classes: Classes = KNOWN_NAMES) -> Reading:
    """The rows of the files; a label outside the seven is counted, an unknown one a problem.

    Raises:
        InputError: when there is no such file, it cannot be read, or nothing says what its numbers mean.
    """
    files = _find_files(path)
    if not files:
        raise InputError(f"{path} is no Parquet file and holds none. Give the file, or the folder of its parts.")
    root = path if path.is_dir() else path.parent
    rows = Rows(classes)
    notes: list[str] = []
    unused: dict[str, None] = {}
    for file, usage in files:
        schema, table = _read_columns(file)
        columns = find_columns(list(table), choose_label(table, file.name))
        labels = _read_labels(file, schema, table, columns, classes, notes)
        unused.update(dict.fromkeys(columns.unused))
        empty = [""] * len(labels)
        subjects, usages = table.get(columns.subject, empty), table.get(columns.usage, [usage] * len(labels))
        for i, (label, subject, split) in enumerate(zip(labels, subjects, usages, strict=True), start=1):
            origin = name_row(file.relative_to(root).as_posix(), i)
            if split.strip().lower() in USAGES:
                rows.add(origin, label, origin, subject.strip(), USAGES[split.strip().lower()])
            else:
                message = f"{columns.usage} must be train, val or test, got {split!r}"
                rows.problems.append(Problem(origin, message))
    reading = rows.build_reading("parquet", _LAYOUT, root.resolve())
    reading.notes += dict.fromkeys(notes)
    reading.unused += unused
    return reading


def _read_labels(
    file: Path, schema: Any, table: dict[str, list[str]], columns: Columns, classes: Classes, notes: list[str]
) -> list[str]:
    if columns.one_hot:
        return read_one_hot({name: table[name] for name in columns.one_hot}, file.name)
    if not columns.label:
        raise InputError(
            f"{file.name} has the columns {', '.join(table)}, and none is a label. Name one of them label."
        )
    labels = table[columns.label]
    names = _read_class_names(schema, columns.label)
    if names and not classes.numbers:
        notes.append(f"numbers go by the names in {file.name}")
        return [names.get(int(float(label)), label) if is_number(label) else label for label in labels]
    legend = name_numbers(labels, columns.label, file, classes, "", notes)
    return [name_label(label, legend) for label in labels]


def _read_class_names(schema: Any, column: str) -> dict[int, str]:
    """Number -> name as Hugging Face's features say it, {} where they do not."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        feature = next(feature for name, feature in features.items() if name.strip().lower() == column)
        names = feature.get("names") or feature["class_label"]["names"]
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(number): str(name) for number, name in pairs}
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration):
        return {}


def _read_columns(file: Path) -> tuple[Any, dict[str, list[str]]]:
    """The schema, and column in lower case -> its cells, without the pictures and what is no plain value."""
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
            plain = [field.name for field in schema if field.name != image and not pa.types.is_nested(field.type)]
            plain = [name for name in plain if not pa.types.is_binary(schema.field(name).type)]
            table = source.read(columns=plain)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{file.name} cannot be read as Parquet ({error}). Download it again.") from error
    return schema, {name.strip().lower(): list(map(_to_text, table.column(name).to_pylist())) for name in plain}


def _is_pictures(file: Path) -> bool:
    import pyarrow as pa
    from pyarrow.parquet import read_schema

    try:
        schema = read_schema(file)
    except (OSError, pa.ArrowException):
        return False
    return bool(find_image_column(schema)) and has_label([name.lower() for name in schema.names])


def _find_files(path: Path) -> list[tuple[Path, str]]:
    """(file, the split that its name or folder says) of each Parquet file, sorted."""
    if path.is_file():
        return [(path, _name_usage(path.name))] if path.suffix.lower() == ".parquet" else []
    folders = [path, *(folder for folder in list_folders(path) if USAGES.get(folder.name.lower()))]
    files = [file for folder in folders for file in list_plain_files(folder) if file.suffix.lower() == ".parquet"]
    return [(file, USAGES.get(file.parent.name.lower()) or _name_usage(file.name)) for file in files]


def _name_usage(name: str) -> str:
    found = {USAGES[word] for word in re.split(r"[^a-z]+", name.lower()) if USAGES.get(word)}
    return found.pop() if len(found) == 1 else ""


def _to_text(value: Any) -> str:
    return "" if value is None or value != value else str(value)  # NaN is not itself
