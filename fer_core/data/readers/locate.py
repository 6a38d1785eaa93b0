"""Where below a given folder the data set itself lies: people give the folder that an archive was unpacked into."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from fer_core.data.ignored import list_entries, list_folders
from fer_core.errors import InputError

_MAX_DEPTH = 3
_MAX_FOLDERS = 50  # of more folders, none is "the" folder of the data set
_TABLES = (".csv", ".tsv", ".parquet", ".jsonl", ".zip", ".tar", ".tgz", ".gz")
T = TypeVar("T")


def locate(path: Path, find: Callable[[Path], T | None]) -> tuple[T, Path] | None:
    """What `find` says of `path`, or of the one folder that it knows on the first level that has any; and that place.

    Args:
        path: a file or a folder.
        find: None for what it does not know.

    Raises:
        InputError: when it knows several folders of one level, since each is a source of its own.
    """
    level = [path]
    for _ in range(_MAX_DEPTH + 1):
        found = [(what, place) for place in level if (what := find(place)) is not None]
        if len(found) > 1:
            names = ", ".join(str(place.relative_to(path)) for _, place in found[:5])
            raise InputError(
                f"{path} holds several data sets ({names}{', ...' if len(found) > 5 else ''}). "
                "Give the path of each as a source of its own."
            )
        if found:
            return found[0]
        level = [folder for place in level for folder in list_folders(place)]
        if not 0 < len(level) <= _MAX_FOLDERS:
            break
    return None


def note_place(path: Path, place: Path) -> list[str]:
    """What is told where the data set lies below the given folder: which folders and tables beside it are not read."""
    beside: list[str] = []
    while place != path and path in place.parents:
        beside += [
            str(entry.relative_to(path))
            for entry in list_entries(place.parent)
            if entry != place and (entry.is_dir() or entry.suffix.lower() in _TABLES)
        ]
        place = place.parent
    return [f"beside it, not read: {', '.join(sorted(beside))}"] if beside else []
