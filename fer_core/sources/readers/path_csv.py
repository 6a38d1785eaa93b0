"""Any list of image path and label: a CSV, or lines of JSON; paths are relative to the list's folder.

The columns are recognised by their usual names (`fer_core.sources.lists.columns`): path, image, file_name, ...; label,
emotion, expression, class, ..., or a column of 0 and 1 for each expression; if present, split (usage, set), subject
(person, identity) and a face's box (x,y,w,h or left,top,right,bottom, ...). A folder may have one list, or one per
split (train.csv, test.csv), or Hugging Face's metadata.csv or metadata.jsonl beside the images of each split. Labels
are names, or numbers with a legend (`fer_core.sources.lists.legend`). Repeated rows count once; rows that contradict
each other about one image are problems.

Contents: as provided by its owner.
Labels: the list's column of labels.
Subjects: the list's column subject, if there is one.
Splits: the list's column split or its name, if they give one; else none.
Publication: unknown.
Licence: as stated by its owner.
Known faults: none known.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.pictures.image_files import known_suffixes
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.ignored import list_folders, list_plain_files
from fer_core.sources.listing import Finder, list_files
from fer_core.sources.lists.boxes import read_boxes
from fer_core.sources.lists.columns import (
    LABEL,
    PATH,
    USAGES,
    Columns,
    choose_label,
    fill_splits,
    find_columns,
    find_usage_word,
    has_label,
    pick,
    read_one_hot,
)
from fer_core.sources.lists.csv_files import read_columns, read_csv, strip_packed
from fer_core.sources.lists.json_lines import read_json_columns, read_json_lines
from fer_core.sources.lists.legend import LEGEND_NAMES, name_label, name_numbers
from fer_core.sources.lists.places import Places
from fer_core.sources.lists.rows import Rows
from fer_core.sources.records import Problem, Reading

_LAYOUT = "CSV of image path and label"
_JSON_LAYOUT = "lines of JSON with image path and label"
_SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl")
_METADATA = ("metadata.csv", "metadata.jsonl")


def find_path_csv(path: Path) -> str | None:
    """The layout if `path` is a list with both columns, or a folder with one list or one per split, else None."""
    lists = _find_lists(path)
    return _name_layout(lists[0][0]) if lists else None


def read_path_csv(path: Path, classes: Classes = KNOWN_NAMES, pictures: Path | None = None) -> Reading:
    """The rows of the list; a label outside the seven is counted, an unknown one or a missing image a problem.

    Args:
        path: the list, or its folder.
        classes: the user's settings.
        pictures: the folder below which the pictures are, if not the list's own.

    Raises:
        InputError: if there is no such list, it lacks a column, or its labels are numbers without a legend.
    """
    lists = _find_lists(path) or [(file, "") for file in [path] if path.is_file()]
    if not lists:
        raise InputError(f"{path} is not a CSV and does not contain exactly one. Give the CSV file itself.")
    root = pictures or (lists[0][0].parent if len(lists) == 1 else path)
    finder = Finder(root)
    rows = Rows(classes)
    notes: list[str] = []
    unused: dict[str, None] = {}
    parts: list[_Part] = []
    for file, usage in lists:
        prefix = "" if len(lists) == 1 else f"{file.name} "
        problems: list[Problem] = []
        table = _read_table(file, problems)
        rows.problems += [Problem(prefix + problem.origin, problem.message) for problem in problems]
        columns = _find_columns(table, file)
        _check_twin(file, table, columns)
        unused.update(dict.fromkeys(columns.unused))
        places = Places(finder, root, file, usage, bool(pictures))
        parts.append(_Part(table, columns, file, usage, places, prefix))
    for part, boxes in zip(parts, _read_boxes(parts, classes, notes), strict=True):
        _add_rows(rows, part, boxes, classes, notes)
    reading = rows.build_reading("csv", _name_layout(lists[0][0]), root.resolve())
    reading.notes += dict.fromkeys(notes)
    if path.is_dir():
        reading.notes += _note_unlisted(path, root, set().union(*(part.places.found for part in parts)))
    reading.unused += unused
    return reading


def _note_unlisted(path: Path, root: Path, named: set[str]) -> list[str]:
    """The note on pictures in the folder `path` that no list names; the paths in `named` are relative to `root`."""
    suffixes = known_suffixes()
    inner = f"{root.relative_to(path).as_posix()}/" if root != path and root.is_relative_to(path) else ""
    named = {inner + name for name in named}
    others = [name for name in list_files(path)[0] if Path(name).suffix.lower() in suffixes and name not in named]
    if not others:
        return []
    return [f"excluded: {count_of(len(others), 'picture')} not in the list, for example {others[0]}"]


class _Part(NamedTuple):
    """One list of a source."""

    table: pd.DataFrame
    columns: Columns
    file: Path
    usage: str
    places: Places
    prefix: str


def _read_boxes(parts: Sequence[_Part], classes: Classes, notes: list[str]) -> list[list[str | ValueError]]:
    """The box of each row of each list; the order of the numbers is decided over all lists with a box column."""
    found: list[list[str | ValueError]] = [[""] * len(part.table) for part in parts]
    for box in dict.fromkeys(part.columns.box for part in parts if part.columns.box):
        alike = [i for i, part in enumerate(parts) if part.columns.box == box]
        cells = {name: [cell for i in alike for cell in parts[i].table[name]] for name in box}
        sizes = partial(_read_sizes, [parts[i] for i in alike])
        first = parts[alike[0]]
        rest = iter(read_boxes(cells, first.columns, first.file.name, classes, sizes, notes))
        for i in alike:
            found[i] = list(islice(rest, len(parts[i].table)))
    return found


def _read_sizes(parts: Sequence[_Part]) -> Iterator[tuple[int, int] | None]:
    return chain.from_iterable(part.places.read_sizes(part.table[part.columns.path].tolist()) for part in parts)


def _add_rows(
    rows: Rows, part: _Part, boxes: Sequence[str | ValueError], classes: Classes, notes: list[str]
) -> None:  # fmt: skip
    table, columns, file, usage, places, prefix = part
    if columns.one_hot:
        labels = read_one_hot({name: table[name].tolist() for name in columns.one_hot}, file.name)
    else:
        labels = table[columns.label].tolist()
    legend = name_numbers(labels, columns.label, file, classes, "", notes)
    empty = [""] * len(table)
    cells = table[columns.usage].tolist() if columns.usage else empty
    usages = fill_splits(cells, table.index, columns.usage, file.name, usage)
    subjects = table[columns.subject].tolist() if columns.subject else empty
    for number, name, label, subject, split, box in zip(
        table.index, table[columns.path], labels, subjects, usages, boxes, strict=True
    ):
        where = f"{prefix}row {number}"
        if isinstance(box, ValueError):
            rows.problems.append(Problem(where, str(box)))
            continue
        if split.strip().lower() not in USAGES:
            rows.problems.append(Problem(where, f"{columns.usage} must be train, val or test, got {split!r}"))
            continue
        own = USAGES[split.strip().lower()]
        rows.find = partial(places.find, split=own)
        rows.add(where, name_label(label, legend), name, subject.strip(), own, box, box)


def _read_table(file: Path, problems: list[Problem]) -> pd.DataFrame:
    if strip_packed(file) == ".jsonl":
        return read_json_lines(file, problems)
    table = read_csv(file, problems=problems)
    table.columns = [name.lower() for name in table.columns]
    return table


def _find_columns(table: pd.DataFrame, file: Path) -> Columns:
    names = list(table.columns)
    label = choose_label({name: table[name].tolist() for name in names if name}, file.name)
    columns = find_columns(names, label)
    others = [name for name in names if name in PATH and columns.path not in ("", name)]
    other = next((name for name in others if not _are_alike(table[columns.path], table[name])), None)
    if other:
        raise InputError(
            f"{file.name} names different pictures in the columns {columns.path} and {other}. Rename the one that is "
            "not the picture in its first line."
        )
    if not columns.path or not (columns.label or columns.one_hot):
        raise InputError(
            f"{file.name} has the columns {', '.join(names)}; it needs one of {', '.join(PATH)} and one of "
            f"{', '.join(LABEL)}. Rename the columns in its first line."
        )
    return columns


def _check_twin(file: Path, table: pd.DataFrame, columns: Columns) -> None:
    """Refuses metadata.csv beside a metadata.jsonl that contradicts it."""
    for twin in (file.with_name(name) for name in _METADATA if file.name in _METADATA and name != file.name):
        if not twin.is_file() or not _is_list(twin):
            continue
        other = _read_table(twin, [])
        said = _find_columns(other, twin)
        names = [
            {(path, label) for path, label in zip(lines[at.path], lines[at.label], strict=True)}
            for lines, at in ((table, columns), (other, said)) if at.label
        ]  # fmt: skip
        if len(names) < 2 or names[0] != names[1]:
            raise InputError(f"{file.name} and {twin.name} contradict each other. Keep the correct one.")


def _are_alike(one: pd.Series, other: pd.Series) -> bool:
    """Whether two columns name the same pictures, apart from folders and file types; an id is not a picture."""
    pairs = ((Path(a.replace("\\", "/")), Path(b.replace("\\", "/"))) for a, b in zip(one, other, strict=True))
    return all(a.stem == b.stem or not all(map(_looks_like_picture, (a, b))) for a, b in pairs)


def _looks_like_picture(path: Path) -> bool:
    return path.suffix.lower() in known_suffixes()


def _find_lists(path: Path) -> list[tuple[Path, str]]:
    """(list, split from its folder or name) in `path`; [] if there is none, or the choice is ambiguous."""
    if path.is_file():
        return [(path, "")] if _is_list(path) else []
    splits = [(path, ""), *((folder, USAGES[folder.name.lower()]) for folder in list_folders(path)
                            if USAGES.get(folder.name.lower()))]  # fmt: skip
    found = [(folder / name, usage) for folder, usage in splits for name in _METADATA if (folder / name).is_file()]
    found = [(file, usage) for file, usage in found if _is_list(file)]
    if found:
        return [found[0]] if found[0][0].parent == path else found
    files = [file for file in list_plain_files(path) if file.name.lower() not in LEGEND_NAMES]
    files = [file for file in files if strip_packed(file) in (".csv", ".tsv", ".jsonl")]
    lists = [file for file in files if _is_list(file)]
    if len(files) == 1:
        return [(file, "") for file in lists]
    usages = [find_usage_word(file.name) for file in lists]
    return list(zip(lists, usages, strict=True)) if all(usages) and len(set(usages)) == len(usages) else []


def _is_list(file: Path) -> bool:
    suffix = strip_packed(file)
    if suffix not in _SUFFIXES:
        return False
    names = read_json_columns(file) if suffix == ".jsonl" else read_columns(file)
    return bool(pick(names, PATH)) and has_label(names)


def _name_layout(file: Path) -> str:
    return _JSON_LAYOUT if strip_packed(file) == ".jsonl" else _LAYOUT
