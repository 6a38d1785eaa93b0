"""The readers, one file each. `READERS` are the names for `--source NAME=PATH`."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from fer_core.base.progress import Progress, no_progress
from fer_core.base.text import count_of
from fer_core.errors import InputError
from fer_core.sources.archives.folder import open_archive
from fer_core.sources.classes import KNOWN_NAMES, Classes, Unclear
from fer_core.sources.demo.reader import read_demo
from fer_core.sources.ignored import list_entries
from fer_core.sources.locate import find_inner_archives, locate, name_archive, note_place
from fer_core.sources.readers.affectnet import find_affectnet, read_affectnet
from fer_core.sources.readers.ckplus import find_ckplus, read_ckplus
from fer_core.sources.readers.class_folders import find_unnamed_classes
from fer_core.sources.readers.expw import find_expw, read_expw
from fer_core.sources.readers.fer2013 import find_fer2013, read_fer2013
from fer_core.sources.readers.ferplus import find_ferplus, read_ferplus
from fer_core.sources.readers.folders_or_list import check_folders, note_tables, prefers_list, take_splits
from fer_core.sources.readers.image_folder import find_image_folder, read_image_folder
from fer_core.sources.readers.jaffe import find_jaffe, read_jaffe
from fer_core.sources.readers.kdef import find_kdef, read_kdef
from fer_core.sources.readers.parquet import find_parquet, read_parquet
from fer_core.sources.readers.path_csv import find_path_csv, read_path_csv
from fer_core.sources.readers.pictures_elsewhere import find_pictures
from fer_core.sources.readers.pixel_table import find_pixel_csv, read_pixel_csv
from fer_core.sources.readers.rafdb import find_rafdb, read_rafdb
from fer_core.sources.readers.yolo import find_yolo, read_yolo
from fer_core.sources.records import BOX, Reading

# In the order in which they are tried: from the most specific layout to the most general.
READERS: dict[str, Callable[[Path, Classes], Reading]] = {
    "fer2013": read_fer2013,
    "ferplus": read_ferplus,
    "ckplus": read_ckplus,
    "rafdb": read_rafdb,
    "jaffe": read_jaffe,
    "kdef": read_kdef,
    "expw": read_expw,
    "affectnet": read_affectnet,
    "yolo": read_yolo,
    "folder": read_image_folder,
    "pixelcsv": read_pixel_csv,
    "parquet": read_parquet,
    "csv": read_path_csv,
    "demo": read_demo,
}
# For readers of files and folders: the function that recognises the layout.
_FINDERS: dict[str, Callable[[Path], str | None]] = {
    "fer2013": find_fer2013,
    "ferplus": find_ferplus,
    "ckplus": find_ckplus,
    "rafdb": find_rafdb,
    "jaffe": find_jaffe,
    "kdef": find_kdef,
    "expw": find_expw,
    "affectnet": find_affectnet,
    "yolo": find_yolo,
    "folder": find_image_folder,
    "pixelcsv": find_pixel_csv,
    "parquet": find_parquet,
    "csv": find_path_csv,
}

# Layouts that do not identify a data set, and are read only if the user names it.
_NAMED: dict[str, Callable[[Path], str | None]] = {"fer2013": find_pixel_csv, "folder": find_unnamed_classes}


def recognise(path: Path) -> tuple[str, str]:
    """The (reader, layout) of the data set at `path`, or in the only folder below it that a reader recognises.

    Raises:
        InputError: if nothing exists there, no reader recognises it, or it contains several data sets.
    """
    return find_source(path)[:2]


def find_source(path: Path, classes: Classes = KNOWN_NAMES) -> tuple[str, str, Path]:
    """As `recognise`, and the path of the source itself.

    Args:
        path: what was given.
        classes: the user's settings, used to compare a list with the class folders beside it.

    Raises:
        InputError: as `recognise`.
    """
    check_path(path)
    opened, _ = open_archive(path)
    with name_archive(path, opened):
        found = locate(opened, partial(_recognise_here, classes=classes)) or locate(opened, _recognise_unnamed)
    if found:
        (name, layout), place = found
        return name, layout, place
    inner = find_inner_archives(opened)
    if inner and opened == path:
        raise InputError(
            f"{path} is not a data set itself, but contains {', '.join(inner[:5])}. Give the archive's path, or "
            "unpack it there."
        )
    if inner:
        raise InputError(
            f"{path.name} contains {count_of(len(inner), 'archive')} ({', '.join(inner[:5])}), and only the outer "
            "one is opened. Unpack it, and give the path of an inner one as the source."
        )
    raise InputError(
        f"{path} has no known layout. Expected fer2013.csv, a folder of class folders (angry, happy, ...), "
        "AffectNet's folders, or a CSV with a path and a label column; docs/data-sets.md lists all."
    )


def has_files(name: str) -> bool:
    """Whether that reader's source consists of files; otherwise its path describes what to generate."""
    return name == "auto" or name in _FINDERS


def read_source(name: str, path: Path, classes: Classes = KNOWN_NAMES, progress: Progress = no_progress) -> Reading:
    """The records of one source.

    Args:
        name: one of READERS, or "auto" to recognise the layout.
        path: its file or folder, or a folder or archive that contains it.
        classes: the user's settings for its class names and numbers.
        progress: called with the step, the number done, and the total, if faces are generated rather than read.

    Raises:
        InputError: for an unknown name, a missing path, or a path without this source's layout.
    """
    if name not in ("auto", *READERS):
        raise InputError(f"Unknown source {name!r}: choose auto or one of {', '.join(READERS)}.")
    if not has_files(name):
        return read_demo(path, classes, progress)
    check_path(path)
    opened, notes = open_archive(path)
    is_guessed = False
    with name_archive(path, opened):
        if name == "auto":
            name, _, place = find_source(path, classes)
            is_guessed = True
        else:
            found = locate(opened, _FINDERS[name]) or (locate(opened, _NAMED[name]) if name in _NAMED else None)
            place = found[1] if found else opened  # the user may know what its layout does not show
        reading = _read(name, path, place, classes)
        if name == "csv":
            reading = find_pictures(reading, opened, place, classes)
    if name == "csv":
        take_splits(reading)
        if is_guessed:
            check_folders(reading, path)
    elif name == "folder":
        reading.notes += note_tables(place)
    reading.notes += _note_whole(reading)
    reading.notes += note_unsplit(reading.table["usage"])
    reading.notes += notes + ([] if reading.root == opened.resolve() else note_place(opened, place))
    return reading


def _note_whole(reading: Reading) -> list[str]:
    """The note on pictures without a box in a source with boxes, by split."""
    if BOX not in reading.table:
        return []
    usages = reading.table.loc[reading.table[BOX] == "", "usage"]
    by_split = ", ".join(f"{n:,} {split}" for split, n in usages[usages != ""].value_counts().items())
    whole = f"{count_of(len(usages), 'picture')} without a box {'is' if len(usages) == 1 else 'are'} used whole"
    return [whole + (f" ({by_split})" if by_split else "")] if len(usages) else []


def _read(name: str, path: Path, place: Path, classes: Classes) -> Reading:
    """The reading of the data set at `place`, in or at the given `path`.

    Raises:
        InputError: as the reader; if it finds nothing and another reader recognises the layout, naming that reader.
    """
    refused: InputError | None = None
    try:
        reading = READERS[name](place, classes)
        if not reading.table.empty:
            return reading
    except Unclear:
        raise
    except InputError as error:
        refused = error
    try:
        other, layout = recognise(path)
    except InputError:
        other = name
    is_of_one_form = refused is not None and {name, other} == {"fer2013", "pixelcsv"}  # what it says is of this file
    if other != name and not is_of_one_form and not _FINDERS[name](place):
        raise InputError(
            f"{path} cannot be read as {name}: its layout is {layout}. Give it as {other}={path}."
        ) from refused
    if refused:
        raise refused
    return reading


def _recognise_here(path: Path, classes: Classes = KNOWN_NAMES) -> tuple[str, str] | None:
    for name, find in _FINDERS.items():
        layout = find(path)
        if layout and not (name == "folder" and prefers_list(path, classes)):
            return name, layout
    return None


def _recognise_unnamed(path: Path) -> tuple[str, str] | None:
    layout = find_unnamed_classes(path)
    return ("folder", layout) if layout else None


def check_path(path: Path) -> None:
    """Raises InputError if nothing exists at `path`, or it is an empty folder."""
    if not path.exists():
        raise InputError(f"There is nothing at {path}. Check the path; it must be on the machine that runs FER Studio.")
    if path.is_dir() and os.access(path, os.R_OK | os.X_OK) and not list_entries(path):
        raise InputError(f"The folder {path} is empty. Give the folder that the data set was unpacked into.")


def note_unsplit(usage: pd.Series) -> list[str]:
    """The note on a source in which only some faces have an official split; [] if all or none have one."""
    n = int((usage == "").sum())
    if not 0 < n < len(usage):
        return []
    said = ("has", "it") if n == 1 else ("have", "them")
    return [f"{count_of(n, 'face')} {said[0]} no split, and the official split trains on {said[1]}"]
