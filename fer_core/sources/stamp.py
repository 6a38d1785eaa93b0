"""Detecting a source that changes while it is read, since its labels and pictures may then not match."""

import os
from pathlib import Path
from zlib import crc32

from fer_core.errors import InputError
from fer_core.pictures.image_files import known_suffixes
from fer_core.sources.ignored import is_ignored

Stamp = dict[str, tuple[int, int]]


def stamp_source(path: Path) -> Stamp:
    """Name -> (time of the last change, ns; size) of the file, or of the folder's lists and folders; {} without any.

    The entry "." of a folder is (checksum of the names in it, their number). The time of a folder below it changes when
    a file is added, removed or renamed; pictures are not checked one by one.
    """
    if not path.exists():
        return {}
    if not path.is_dir():
        return {".": _stamp(path.stat())}
    stamp, names = {}, []
    with os.scandir(path) as entries:
        for entry in entries:
            if is_ignored(entry.name):  # a file manager may leave such a file meanwhile
                continue
            names.append(entry.name)
            if Path(entry.name).suffix.lower() not in known_suffixes():
                stamp[entry.name] = _stamp(entry.stat(follow_symlinks=False))
    return {".": (crc32("\0".join(sorted(names)).encode(errors="surrogateescape")), len(names)), **stamp}


def refuse_changed(path: Path, before: Stamp) -> None:
    """Returns if the source has not changed.

    Raises:
        InputError: naming what was changed, added or removed.
    """
    after = stamp_source(path)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if changed:
        what = path if changed == ["."] else path / next(name for name in changed if name != ".")
        raise InputError(f"{what} changed while it was read. Wait until it is complete, and assemble again.")


def _stamp(found: os.stat_result) -> tuple[int, int]:
    return found.st_mtime_ns, found.st_size
