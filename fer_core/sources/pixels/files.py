"""The CSVs of pixels to read in a folder: one, or one per split (train.csv, val.csv, test.csv), read as one source."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.sources.ignored import list_plain_files
from fer_core.sources.lists.columns import Columns, choose_label, fill_splits, find_columns, find_usage_word, has_label
from fer_core.sources.lists.csv_files import strip_packed
from fer_core.sources.lists.legend import LEGEND_NAMES, read_column_legend
from fer_core.sources.pixels.lines import read_lines
from fer_core.sources.pixels.parse import PixelRows, read_header, read_pixel_rows
from fer_core.sources.records import Problem, Reading

NO_LABELS = "a face of a file without labels"
_WHOLE_NAMES = ("fer2013.csv", "icml_face_data.csv")  # contain all splits
_SUFFIXES = (".csv", ".tsv", ".txt")
_SPLITS = ("train", "val", "test")


def find_pixel_files(path: Path) -> list[Path]:
    """The CSVs with pixels to read at `path`: the file itself, or those in the folder that belong together.

    In a folder these are the file with one of FER2013's names, or one per split in the order train, val, test, or the
    only file; [] if there is none, or the choice is ambiguous.
    """
    if path.is_file():
        return [path] if _has_pixels(path) else []
    names = [path / f"{name}{packed}" for name in _WHOLE_NAMES for packed in ("", ".gz", ".bz2", ".xz")]
    whole = [file for file in names if file.is_file() and _has_pixels(file)]
    if whole:
        return whole[:1]
    files = _list_tables(path)
    splits = {file: find_usage_word(file.name) for file in files if has_label(read_header(file))}
    named = sorted((file for file, usage in splits.items() if usage), key=lambda file: _SPLITS.index(splits[file]))
    if len({splits[file] for file in named}) == len(named) > 1:
        return named
    training = [file for file in files if find_usage_word(file.name) == "train" and _has_pixels(file)]
    plain = [file for file in training if file.name.lower().partition(".")[0] == "train"]
    found = plain or training or [file for file in files if _has_pixels(file)]
    return found if len(found) == 1 and (training or len(files) == 1) else []


def read_pixel_files(files: Sequence[Path]) -> PixelRows:
    """The rows of the files, one after the other; with several files, the file's name gives a row's missing split.

    Raises:
        InputError: if a file cannot be read, or they do not fit together.
    """
    if len(files) == 1:
        return read_pixel_rows(files[0])
    parts = [read_pixel_rows(file) for file in files]
    _check_sides(files, parts)
    columns = [
        find_columns(list(part.fields), choose_label(part.fields, file.name))
        for file, part in zip(files, parts, strict=True)
    ]
    _check_legends(files, columns)
    fields = [_unify(*each, columns[0]) for each in zip(files, parts, columns, strict=True)]
    names = dict.fromkeys(name for part in fields for name in part)
    joined: dict[str, list[str]] = {name: [] for name in names}
    for part, own in zip(parts, fields, strict=True):
        for name in names:
            joined[name] += own.get(name, [""] * len(part.row))
    starts = np.cumsum([0, *(part.n_rows for part in parts)]).tolist()
    return PixelRows(
        pixels=np.concatenate([part.pixels for part in parts if len(part.row)] or [parts[0].pixels]),
        fields=joined,
        row=np.concatenate([part.row + start for part, start in zip(parts, starts, strict=False)]),
        problems=[
            Problem(f"{file.name} {problem.origin}", problem.message)
            for file, part in zip(files, parts, strict=True)
            for problem in part.problems
        ],
        n_rows=starts[-1],
        notes=[f"{file.name}: {note}" for file, part in zip(files, parts, strict=True) for note in part.notes],
        files=[(file.name, start) for file, start in zip(files, starts, strict=False)],
    )


def name_files(files: Sequence[Path]) -> Path:
    """The path that represents the files in messages; legends are looked up beside it."""
    return files[0].with_name(", ".join(file.name for file in files))


def root_of(files: Sequence[Path]) -> Path:
    """The `root` of their reading: the file, or the folder if there are several."""
    return files[0] if len(files) == 1 else files[0].parent


def note_other_files(reading: Reading, path: Path, files: Sequence[Path]) -> None:
    """Adds notes on the other CSVs of faces in the folder `path` to its reading.

    Faces of a file without labels are counted as left out; a labelled file whose relation to the others is unclear is
    named.
    """
    if path.is_file():
        return
    others = [file for file in _list_tables(path) if file not in files and _has_pixels(file)]
    labelled = [file.name for file in others if has_label(read_header(file))]
    if labelled:
        read = ", ".join(file.name for file in files)
        reading.notes.append(
            f"only {read} is read, not {', '.join(labelled)} beside it; give each as a separate source"
        )
    for file in (file for file in others if file.name not in labelled):
        what = "its faces are"
        with suppress(InputError):
            n = sum(1 for _ in read_lines(file)) - 1
            reading.left_out[NO_LABELS] += n
            what = f"its {count_of(n, 'face')} {'is' if n == 1 else 'are'}"
        reading.notes.append(f"{file.name} has no labels: {what} excluded")


def _unify(file: Path, part: PixelRows, columns: Columns, first: Columns) -> dict[str, list[str]]:
    """The fields of one file under the first file's names, with its split filled in."""
    usage = find_usage_word(file.name)
    new = {columns.label: first.label or columns.label, columns.subject: first.subject or columns.subject}
    new = {old: name for old, name in new.items() if old}
    others = {columns.usage} | (set(new.values()) - set(new))  # a column that is not the label, under its name
    fields = {new.get(name, name): cells for name, cells in part.fields.items() if name not in others}
    cells = part.fields.get(columns.usage, [""] * len(part.row))
    fields[first.usage or "usage"] = fill_splits(cells, part.row.tolist(), columns.usage, file.name, usage)
    return fields


def _check_sides(files: Sequence[Path], parts: Sequence[PixelRows]) -> None:
    sides = {part.pixels.shape[1]: file.name for file, part in zip(files, parts, strict=True) if len(part.row)}
    if len(sides) > 1:
        sizes = " and ".join(f"{name} has faces of {side} px" for side, name in sides.items())
        raise InputError(f"{sizes}. Use one size for all splits of a data set, or give one file as pixelcsv=PATH.")


def _check_legends(files: Sequence[Path], columns: Sequence[Columns]) -> None:
    """Refuses label columns whose names give numbers different meanings."""
    first = read_column_legend(columns[0].label)
    for file, own in zip(files, columns, strict=True):
        legend = read_column_legend(own.label)
        if (legend and legend.names) != (first and first.names):
            raise InputError(
                f"{files[0].name} names its label column {columns[0].label!r} and {file.name} {own.label!r}, so "
                "their numbers may differ. Give the columns the same name."
            )


def _list_tables(folder: Path) -> list[Path]:
    files = [file for file in list_plain_files(folder) if file.name.lower() not in LEGEND_NAMES]
    return [file for file in files if strip_packed(file) in _SUFFIXES]


def _has_pixels(file: Path) -> bool:
    return strip_packed(file) in _SUFFIXES and bool(read_header(file))
