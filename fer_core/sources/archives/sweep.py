"""Removes the folders of archives that are no longer used; they are created again when such an archive is read."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fer_core.base.files import read_document
from fer_core.base.workspace import copy_counts_dir, datasets_dir
from fer_core.errors import InputError
from fer_core.jobs.processes import is_locked
from fer_core.sources.archives.folder import archive_place, archives_dir, is_idle

IDLE_S = 3600  # since the archive was last opened: the form may contain such a source, or a process may be reading it


def sweep_archives() -> list[str]:
    """Removes the unused folders in `archives/`; returns their names.

    A folder is in use while a data set refers to it or an unfinished job names its archive, and for IDLE_S after the
    archive was last opened. All are in use while a data set is being assembled.
    """
    if not archives_dir().is_dir() or any(map(_is_at_work, datasets_dir().glob(".*.partial"))):
        return []
    try:
        used = {place.resolve() for place in _list_used()}
    except InputError:  # a document that cannot be read: nobody knows what it uses
        return []
    removed = []
    for place in sorted(archives_dir().iterdir()):
        if not place.is_dir() or place.resolve() in used:
            continue
        is_partial = place.name.startswith(".") and place.name.endswith(".partial")  # of a process that was killed
        name = place.name[1 : -len(".partial")] if is_partial else place.name
        with suppress(Timeout), FileLock(place.with_name(f".{name}.lock"), timeout=0):
            if is_partial or is_idle(place, time.time() - IDLE_S):
                shutil.rmtree(place, ignore_errors=True)
                removed += [] if is_partial else [name]
    return removed


def _is_at_work(partial: Path) -> bool:
    return is_locked(partial.with_suffix(".lock"))


def _list_used() -> Iterator[Path]:
    """The folders of the archives of data sets and of unfinished jobs."""
    for file in datasets_dir().glob("*/dataset.json"):
        info = _read(file)
        for source in info.get("sources", ()):
            path = Path(source.get("path", "")).resolve()
            yield from (folder for folder in (path, *path.parents) if folder.parent == archives_dir().resolve())
        yield from _list_places(info.get("recipe", {}))
    for file in (*datasets_dir().glob(".*.job/job.json"), *copy_counts_dir().glob("*/job.json")):
        if not file.with_name("exit.json").is_file():
            yield from _list_places(_read(file))


def _list_places(recipe: Mapping[str, Any]) -> Iterator[Path]:
    for _, path in recipe.get("sources", ()):
        yield archive_place(Path(path))


def _read(file: Path) -> Mapping[str, Any]:
    """The document; {} if it has been deleted meanwhile."""
    try:
        return read_document(file)
    except FileNotFoundError:
        return {}
