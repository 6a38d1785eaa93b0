"""The location of a user's files: one folder, `FER_HOME`, by default ./workspace."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from fer_core.errors import InputError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def home() -> Path:
    """The workspace folder, absolute; it need not exist yet."""
    return Path(os.environ.get("FER_HOME") or "workspace").expanduser().resolve()


def absolute_path(text: str | Path) -> Path:
    """The absolute form of a path given by a user; ~ is their home, and a file:// address means its path.

    A relative path starts from the folder in which the user called `fer`, wherever the work runs: the dashboard changes
    its working directory and keeps that folder in FER_CWD.

    Raises:
        InputError: for a file:// address on another machine.
    """
    text = str(text)
    if text.startswith("file://"):
        host, slash, rest = text.removeprefix("file://").partition("/")
        if host not in ("", "localhost") or not slash:
            raise InputError(f"{text} refers to the machine {host!r}. Give file:///PATH or the path itself.")
        text = unquote(f"/{rest}")
    path = Path(text).expanduser()
    return Path(os.path.abspath(Path(os.environ.get("FER_CWD") or Path.cwd()) / path))  # noqa: PTH100  (keeps links)


def datasets_dir() -> Path:
    """The folder with one folder per data set."""
    return home() / "datasets"


def copy_counts_dir() -> Path:
    """The folder with one folder per count of what the rules for copies would remove."""
    return home() / "copy-counts"


def corrections_dir() -> Path:
    """The folder with one list of corrections per data set."""
    return home() / "corrections"


def runs_dir() -> Path:
    """The folder with one folder per run."""
    return home() / "runs"


def kfold_dir() -> Path:
    """The folder with one folder per cross-validation."""
    return home() / "kfold"


def searches_dir() -> Path:
    """The folder with one folder per hyper-parameter search."""
    return home() / "searches"


def list_folders(parent: Path, *names: str) -> list[Path]:
    """The folders in `parent` with an entry of one of these names, even a broken link, sorted; not hidden ones."""
    if not parent.is_dir():
        return []
    found = sorted(path for path in parent.iterdir() if not path.name.startswith("."))
    return [path for path in found if any(os.path.lexists(path / name) for name in names)]


def is_name(name: str) -> bool:
    """Whether the name is safe as that of a folder."""
    return _NAME.fullmatch(name) is not None


def check_name(name: str, what: str) -> str:
    """Returns `name` if it is safe as a folder name, otherwise raises InputError."""
    if not is_name(name):
        raise InputError(
            f"{name!r} is not a valid name for a {what}: use 1 to 80 letters, digits, dots, dashes or "
            "underscores, starting with a letter or digit."
        )
    return name
