"""Finding the data set below a given folder: users often give the folder that an archive was unpacked into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from fer_core.errors import InputError
from fer_core.sources.archives.members import is_archive
from fer_core.sources.ignored import list_entries, list_folders

_MAX_DEPTH = 3
_MAX_FOLDERS = 50  # of more folders, none is "the" folder of the data set
_TABLES = (".csv", ".tsv", ".parquet", ".jsonl", ".zip", ".tar", ".tgz", ".gz")
_SEVERAL = "Give the path of each as a separate source."
T = TypeVar("T")


def locate(path: Path, find: Callable[[Path], T | None]) -> tuple[T, Path] | None:
    """The result of `find` for `path`, or for the only folder it recognises on the first level with any; and the place.

    Args:
        path: a file or a folder.
        find: returns None for a path it does not recognise.

    Raises:
        InputError: if it recognises several folders on one level, since each is a separate source.
    """
    level = [path]
    for _ in range(_MAX_DEPTH + 1):
        found = [(what, place) for place in level if (what := find(place)) is not None]
        if len(found) > 1:
            names = ", ".join(str(place.relative_to(path)) for _, place in found[:5])
            raise InputError(
                f"{path} contains several data sets ({names}{', ...' if len(found) > 5 else ''}). {_SEVERAL}"
            )
        if found:
            return found[0]
        level = [folder for place in level for folder in list_folders(place)]
        if not 0 < len(level) <= _MAX_FOLDERS:
            break
    return None


@contextmanager
def name_archive(path: Path, opened: Path) -> Iterator[None]:
    """Makes messages name the archive at `path`, not the folder `opened` that represents it."""
    try:
        yield
    except InputError as error:
        place = opened if opened.is_dir() else opened.parent
        if path == opened or str(place) not in str(error):
            raise
        message = str(error).replace(f"{place}/", f"{path.name}/").replace(str(place), path.name)
        message = message.replace(_SEVERAL, "Make an archive of each, or unpack it and give each folder's path.")
        raise type(error)(message) from error


def find_inner_archives(opened: Path) -> list[str]:
    """The names of the archives inside what was opened, at its top or one folder below; they are not opened."""
    if opened.is_file():
        return [opened.name] if is_archive(opened) else []
    places = [opened, *list_folders(opened)]
    return [entry.name for place in places for entry in list_entries(place) if entry.is_file() and is_archive(entry)]


def note_place(path: Path, place: Path) -> list[str]:
    """Notes for a data set below the given folder: the folders and tables beside it that are not read."""
    beside: list[str] = []
    while place != path and path in place.parents:
        beside += [
            str(entry.relative_to(path))
            for entry in list_entries(place.parent)
            if entry != place and (entry.is_dir() or entry.suffix.lower() in _TABLES)
        ]
        place = place.parent
    return [f"beside it, not read: {', '.join(sorted(beside))}"] if beside else []
