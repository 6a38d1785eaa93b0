"""The folder of a data set on disk, which appears only once it is complete."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fer_core.base.files import explain_full_disk
from fer_core.base.workspace import datasets_dir
from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.errors import InputError
from fer_core.jobs.processes import is_locked
from fer_core.sources.archives.sweep import sweep_archives


def build_dataset(name: str, write: Callable[[Path], None]) -> Dataset:
    """Calls `write(folder)` with an empty folder, then moves it to the data set's place; cleans up after a failure.

    Raises:
        InputError: if another process assembles the same name, or the disk is full.
    """
    datasets_dir().mkdir(parents=True, exist_ok=True)
    sweep_archives()
    partial = datasets_dir() / f".{name}.partial"
    with hold_place(name), explain_full_disk(partial):
        _sweep()
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        try:
            write(partial)
            _put_in_place(partial, datasets_dir() / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return open_dataset(name)


@contextmanager
def hold_place(name: str) -> Iterator[None]:
    """A context that keeps other processes from assembling or deleting the data set of that name.

    Raises:
        InputError: if another process holds it.
    """
    lock = FileLock(datasets_dir() / f".{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise InputError(
            f"The data set {name!r} is already being assembled. Wait until it finishes, or stop it."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _sweep() -> None:
    """Deletes the remains of killed assemblies of other data sets."""
    for partial in datasets_dir().glob(".*.partial"):
        if not is_locked(partial.with_suffix(".lock")):
            shutil.rmtree(partial, ignore_errors=True)


def _put_in_place(new: Path, place: Path) -> None:
    old = place.with_name(f".{place.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)
