"""Atomic writes, and readers that say what is wrong with a damaged file."""

import errno
import json
import math
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.base.text import printable
from fer_core.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@contextmanager
def explain_full_disk(path: Path) -> Iterator[None]:
    """Turns "no space left on device" raised inside the block into an InputError with the next step."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"The disk with {path} is full. Existing files are unchanged. Free some space, for example by "
            "deleting runs, and try again."
        ) from error


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write(temporary_path)`, then renames the result to `path`; removes it if anything fails."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with explain_full_disk(path):
            write(temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, document: Any) -> None:
    """Writes one JSON document so that a reader sees either the old or the new one, never part of one."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_atomic(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


class UnreadableError(InputError):
    """A file exists but cannot be read, or does not contain what it should.

    Attributes:
        path: of the file.
        why: what is wrong with it, in a few words.
    """

    def __init__(self, path: Path, why: str, way_on: str = "Restore it from a copy, or delete it.") -> None:
        super().__init__(f"{printable(str(path))} cannot be read: {why}. {way_on}")
        self.path, self.why = path, why


def check_regular(path: Path) -> os.stat_result:
    """The file's size and dates; refuses what is not a regular file, since reading from a pipe would wait forever.

    Raises:
        FileNotFoundError: when there is no such file.
        UnreadableError: when a folder, pipe, socket, device or a link to itself is in its place.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(path, error.strerror or "it cannot be opened") from error
    if not stat.S_ISREG(found.st_mode):
        kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
        raise UnreadableError(path, f"a {kinds.get(stat.S_IFMT(found.st_mode), 'device')} is in its place")
    return found


def stat_document(path: Path) -> os.stat_result | None:
    """The file's size and dates, None if there is none; raises UnreadableError as `check_regular` does."""
    try:
        return check_regular(path)
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        if isinstance(error.__cause__, NotADirectoryError):  # a file is in the place of its folder
            return None
        raise


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turns any exception that reading a damaged file raises inside the block into UnreadableError.

    Args:
        path: the file read inside the block.
        what: what the file should be, such as "valid JSON".

    Raises:
        FileNotFoundError: when there is no such file.
        UnreadableError: when it cannot be read.
    """
    check_regular(path)
    try:
        yield
    except (FileNotFoundError, InputError, MemoryError):
        raise
    except RecursionError as error:
        raise UnreadableError(path, "it is nested too deeply") from error
    except OSError as error:
        raise UnreadableError(path, error.strerror or f"it is not {what} ({_first_line(error)})") from error
    except Exception as error:  # decoders of damaged files raise anything
        raise UnreadableError(path, f"it is not {what} ({_first_line(error)})") from error


def read_text(path: Path) -> str:
    """The text in `path`; raises as `reading` does."""
    with reading(path, "text in UTF-8"):
        return path.read_text(encoding="utf-8")


def read_json(path: Path) -> Any:
    """The document in `path`; raises as `reading` does."""
    with reading(path, "valid JSON"):
        return json.loads(path.read_text(encoding="utf-8"))


def read_document(path: Path, *fields: str) -> dict[str, Any]:
    """The JSON object in `path`, which has these fields and may have more; raises as `reading` does."""
    return _check_object(path, read_json(path), fields)


def read_lines(path: Path, *fields: str) -> list[dict[str, Any]]:
    """The JSON objects in the complete lines of `path`, each with these fields; the last line may still be incomplete.

    Raises as `reading` does.
    """
    with reading(path, "lines of valid JSON"):
        lines = path.read_text(encoding="utf-8").split("\n")[:-1]
        documents = [json.loads(line) for line in lines if line]
    return [_check_object(path, document, fields) for document in documents]


def read_table(path: Path, *columns: str) -> "pd.DataFrame":
    """The table of a Parquet file, which must have these columns and may have more; raises as `reading` does.

    A missing file also raises UnreadableError.
    """
    import pandas as pd

    _need(path)
    with reading(path, "a Parquet file"):
        table = pd.read_parquet(path)
    lacking = [column for column in columns if column not in table]
    if lacking:
        raise UnreadableError(path, f"it has no column {', '.join(lacking)}")
    return table


def read_array(path: Path, *, mapped: bool = False) -> "np.ndarray":
    """The array of a .npy file; raises as `reading` does.

    Args:
        path: of the file.
        mapped: memory-map the file; a missing file then also raises UnreadableError.
    """
    import numpy as np

    if mapped:
        _need(path)
    with reading(path, "a .npy file"):
        array = np.load(path, mmap_mode="r" if mapped else None)
        if not isinstance(array, np.ndarray):
            raise UnreadableError(path, "it is not a .npy file")
    return array


def as_number(value: object) -> float | None:
    """The finite number of a JSON document as a float; None for anything else, also for true and false."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # an integer of hundreds of digits
        return None


def _need(path: Path) -> None:
    if not path.exists():
        raise UnreadableError(path, "it is missing", "Restore it from a copy.")


def _check_object(path: Path, document: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(document, dict):
        names = {type(None): "null", list: "a list", str: "a text", bool: "true or false"}
        raise UnreadableError(path, f"expected a JSON object, found {names.get(type(document), 'a number')}")
    lacking = [field for field in fields if field not in document]
    if lacking:
        raise UnreadableError(path, f"it has no {', '.join(lacking)}")
    return document


def _first_line(error: Exception) -> str:
    return (str(error).strip().split("\n")[0] or type(error).__name__)[:160].rstrip(".")
