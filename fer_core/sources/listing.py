"""The files of a source: those in its folder, and those named in a list. Nothing outside the folder is ever read."""

import os
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from unicodedata import normalize

from fer_core.sources.ignored import is_ignored
from fer_core.sources.records import Problem

NO_SUCH_IMAGE = "there is no image"
OUTSIDE = "leads out of the source's folder"
IMAGE_FOLDERS = ("images", "image", "imgs", "img", "faces")
"""Folders that hold pictures and say nothing of them, in lower case."""


def list_files(root: Path) -> tuple[list[str], list[Problem]]:
    """The files below `root` as paths relative to it, sorted folder by folder, and the problems found.

    Files that `fer_core.sources.ignored` names are skipped. A link is followed if it stays inside `root`; one that
    leads outside, is broken or circular is a problem, as is a name that is not UTF-8 and a folder that cannot be read.
    """
    files: list[str] = []
    problems: list[Problem] = []
    _walk(root.resolve(), "", (), files, problems)
    return files, problems


class Finder:
    """Finds the files that a list names, inside one folder.

    Args:
        root: the folder.
        listed: the result of list_files for it, if known.
    """

    def __init__(self, root: Path, listed: Iterable[str] = ()) -> None:
        self._top = root.resolve()
        self._real: dict[Path, Path] = {}  # folder -> itself without links: a list names few folders, many files
        self._plain = set(listed)  # names that need no other look
        self._scanned: set[str] = set()  # folders, as a list spells them, whose plain files are in _plain

    def find(self, name: str) -> str:
        """The path, relative to the folder, of the file that the list calls `name`.

        Backslashes also separate folders, and accents match in either Unicode form.

        Raises:
            ValueError: with a phrase, if the path leads out of the folder, or there is no such file.
        """
        name = name.strip().replace("\\", "/")
        if name in self._plain or self._is_plain(name):
            return name
        for spelling in dict.fromkeys((name, normalize("NFC", name), normalize("NFD", name))):
            real = self._resolve(spelling)
            if not real.is_relative_to(self._top):
                raise ValueError(f"the path {name} {OUTSIDE}")
            if _is_file(real):
                plain = PurePosixPath(spelling)
                is_plain = not plain.is_absolute() and ".." not in plain.parts
                return (plain if is_plain else real.relative_to(self._top)).as_posix()
        raise ValueError(f"{NO_SUCH_IMAGE} {name}")

    def _is_plain(self, name: str) -> bool:
        """Whether the folder in the name, scanned once, has such a file that is not a link.

        False if the folder's path is not in its simplest form.
        """
        prefix = name[: name.rfind("/") + 1]
        if prefix in self._scanned:
            return False
        self._scanned.add(prefix)
        is_plain = all(part not in ("", ".", "..") for part in prefix.split("/")[:-1])
        if is_plain and (self._top / prefix).resolve().is_relative_to(self._top):
            self._plain.update(prefix + file for file in _scan_plain(self._top / prefix))
        return name in self._plain

    def _resolve(self, name: str) -> Path:
        path = self._top / name
        if path.parent not in self._real:
            self._real[path.parent] = path.parent.resolve()
        real = self._real[path.parent] / path.name
        return real.resolve() if path.name == ".." or _is_link(real) else real


def _scan_plain(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:  # there is none, or its name is too long
        return []


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # such as a name that is too long
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long
        return False


def _walk(top: Path, prefix: str, above: tuple[Path, ...], files: list[str], problems: list[Problem]) -> None:
    folder = top / prefix
    above = (*above, folder.resolve())
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(prefix.rstrip("/") or ".", f"the folder cannot be read ({error.strerror})"))
        return
    for entry in entries:
        if is_ignored(entry.name):
            continue
        origin = prefix + entry.name
        fault = _find_fault(entry, top, above)
        if fault:
            problems.append(Problem(origin.encode(errors="backslashreplace").decode(), fault))
        elif entry.is_dir():
            _walk(top, f"{origin}/", above, files, problems)
        else:
            files.append(origin)


def _find_fault(entry: os.DirEntry[str], top: Path, above: tuple[Path, ...]) -> str:
    """Why the entry must not be read; "" if it may be."""
    if not _is_utf8(entry.name):
        return "its name is not UTF-8"
    if entry.is_file(follow_symlinks=False):
        return ""
    if entry.is_symlink():
        try:
            target = Path(entry.path).resolve(strict=True)
        except (OSError, RuntimeError):  # the latter for a link to itself
            return "the link is broken"
        if not target.is_relative_to(top):
            return "the link leads out of the source's folder"
        if target in above:
            return "the link is circular"
    return "" if entry.is_dir() or entry.is_file() else "it is neither a file nor a folder"


def _is_utf8(name: str) -> bool:
    try:
        return name.isascii() or bool(name.encode())
    except UnicodeEncodeError:
        return False
