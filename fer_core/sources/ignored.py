"""Files that readers skip: hidden files, and those that systems, network drives and editors leave in folders."""

import os
from collections.abc import Callable
from itertools import islice
from pathlib import Path

_NAMES = frozenset(
    {
        "@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot",  # network drives
        "__macosx", "icon\r",  # macOS, beside the names with a dot
        "$recycle.bin", "recycler", "system volume information", "thumbs.db", "ehthumbs.db", "desktop.ini",  # Windows
        "lost+found", "ipynb_checkpoints", "checkpoints", "__pycache__",
    }
)  # fmt: skip
_ENDINGS = ("@synoeastream", "@synoresource")


def is_ignored(name: str) -> bool:
    """Whether readers skip a file or folder of this name."""
    lower = name.lower()
    return name.startswith(".") or lower in _NAMES or lower.endswith(_ENDINGS)


def list_entries(folder: Path) -> list[Path]:
    """The entries of the folder, sorted by name, without ignored ones; [] if it is not a readable folder."""
    return _list(folder, lambda entry: True)


def list_folders(folder: Path) -> list[Path]:
    """The folders among `list_entries`, and links to folders."""
    return _list(folder, os.DirEntry.is_dir)


def list_plain_files(folder: Path) -> list[Path]:
    """The files among `list_entries`, and links to files."""
    return _list(folder, os.DirEntry.is_file)


def sample_names(folder: Path, n: int = 50) -> list[str]:
    """The names of some files in the folder, in the disk's order: enough to recognise a naming scheme."""
    try:
        with os.scandir(folder) as entries:
            return list(islice((e.name for e in entries if not is_ignored(e.name) and e.is_file()), n))
    except OSError:
        return []


def _list(folder: Path, is_wanted: Callable[[os.DirEntry[str]], bool]) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if not is_ignored(entry.name) and is_wanted(entry))
    except OSError:
        return []
    return [folder / name for name in names]
