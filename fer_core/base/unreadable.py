"""Unreadable runs, data sets and studies: listed in rows of their own, so that the others are still shown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fer_core.base.files import UnreadableError
from fer_core.base.text import printable
from fer_core.errors import InputError

_Stamp = tuple[int, int, int] | None
_found: dict[tuple[Path, ...], tuple[tuple[_Stamp, ...], InputError | None]] = {}


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A run, data set, search or cross-validation with a damaged file.

    Attributes:
        name: of its folder, quoted if it cannot be printed as it is.
        why: the file, what is wrong with it, and what to do.
    """

    name: str
    why: str


def find_problem(files: Sequence[Path], read: Callable[[], object]) -> InputError | None:
    """The problem that `read` finds with the files, or None; cached until one of them changes.

    A folder whose name cannot be printed is a problem, too: no command or link could name it.

    Args:
        files: those that `read` reads; they may be missing.
        read: raises InputError, or FileNotFoundError for a required file.
    """
    folder = files[0].parent
    if not folder.name.isprintable():
        return UnreadableError(folder, "its name has characters that cannot be shown", "Rename the folder.")
    key, stamps = tuple(files), tuple(map(_stamp, files))
    known = _found.get(key)
    if known is None or known[0] != stamps:
        known = _found[key] = (stamps, _ask(read))
    return known[1]


def list_unreadable(problems: Iterable[tuple[str, InputError | None]]) -> list[Unreadable]:
    """The named folders that have a problem."""
    return [Unreadable(name=printable(name), why=str(problem)) for name, problem in problems if problem]


def _ask(read: Callable[[], object]) -> InputError | None:
    try:
        read()
    except FileNotFoundError as error:
        way_on = "Restore it from a copy, or delete its folder."
        return UnreadableError(Path(str(error.filename)), "it is missing", way_on)
    except InputError as error:
        return error
    return None


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
