"""Files that appear whole or not at all: written beside their place, then renamed."""

import errno
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fer_core.errors import InputError


@contextmanager
def explain_full_disk(path: Path) -> Iterator[None]:
    """Turns "no space left on device" inside the block into a sentence with the next step."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError(
            f"The disk that holds {path} is full. Nothing that was there before has changed; "
            "free some space (for example delete runs) and start again."
        ) from error


def write_atomic(path: Path, write: Callable[[Path], object]) -> None:
    """Calls `write(temporary_path)`, then renames the result to `path`; on any failure removes it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with explain_full_disk(path):
            write(temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, document: Any) -> None:
    """Writes one JSON document so that a reader sees the old one or the new one, never a part."""
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    write_atomic(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def read_json(path: Path) -> Any:
    """The document in `path`; raises FileNotFoundError, or InputError when it is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON ({error}). Delete it, or restore it from a copy.") from error
