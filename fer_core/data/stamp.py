"""Whether a source has changed while it was read: then its labels and pictures may not belong together."""

import os
from pathlib import Path

from fer_core.data.readers.image_folder import IMAGE_SUFFIXES
from fer_core.errors import InputError

Stamp = dict[str, tuple[int, int]]


def stamp_source(path: Path) -> Stamp:
    """Name -> (time of the last change, ns; size) of the file, or of the folder with its lists and its folders.

    A folder changes when a file is added to it, removed or renamed; pictures are not looked at one by one.
    """
    stamp = {".": _stamp(path.stat())}
    if path.is_dir():
        with os.scandir(path) as entries:
            for entry in entries:
                if Path(entry.name).suffix.lower() not in IMAGE_SUFFIXES:
                    stamp[entry.name] = _stamp(entry.stat(follow_symlinks=False))
    return stamp


def refuse_changed(path: Path, before: Stamp) -> None:
    """Returns when the source is as it was.

    Raises:
        InputError: naming what has changed, been added or gone.
    """
    after = stamp_source(path) if path.exists() else {}
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if changed:
        what = path if changed == ["."] else path / next(name for name in changed if name != ".")
        raise InputError(f"{what} changed while it was read. Wait until it is written whole, and assemble again.")


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size
