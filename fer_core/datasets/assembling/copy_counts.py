"""Counts the faces of each source that each rule for copies would exclude, before assembling.

The page counts in a separate process, `python -m fer_core.datasets.assembling.copy_counts FOLDER`. A job
is a folder, `copy-counts/<key>` (see `fer_core.jobs.folder`); its counts.json is kept, so the same question is
answered at once. The key is computed from the recipe and the sources' stamps.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

from fer_core.base.documents import parse_document
from fer_core.base.files import UnreadableError, read_json, write_json
from fer_core.base.progress import Progress, no_progress
from fer_core.base.workspace import copy_counts_dir
from fer_core.datasets.assembling.assemble import read_sources, write_faces
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.checks.copy_rules import count_taken
from fer_core.datasets.counts import TakenCount
from fer_core.datasets.face_file import FaceFile
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder, run_job
from fer_core.jobs.progress import JobStatus
from fer_core.jobs.watched import AtWork
from fer_core.sources.readers import check_path
from fer_core.sources.stamp import refuse_changed, stamp_source

_RESULT = "counts.json"
_N_KEPT = 20
_COME_AFTERWARDS = {  # fields of a recipe that do not change the counts
    "name", "copies", "labels", "drop", "relabel", "corrections", "leave_out", "caps", "balance",
}  # fmt: skip


def count_copies(recipe: DatasetRecipe, progress: Progress = no_progress) -> list[TakenCount]:
    """The result of `fer_core.datasets.checks.copy_rules.count_taken` for the recipe's sources; no files are kept.

    Raises:
        InputError: as in assembling.
    """
    copy_counts_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=copy_counts_dir(), prefix=".") as folder:
        return _count(recipe, Path(folder), progress)


def start_counting(recipe: DatasetRecipe) -> None:
    """Starts counting in the background; only the last 20 results are kept.

    Raises:
        InputError: if a source is missing, or the disk is full.
    """
    others = [folder for folder in copy_counts_dir().glob("[0-9a-f]*") if not JobFolder(folder).state.is_active]
    for folder in sorted(others, key=lambda folder: folder.stat().st_mtime)[:-_N_KEPT]:
        with suppress(InputError):  # it was started again meanwhile
            JobFolder(folder).forget()
    with suppress(AtWork):  # the same question: its answer serves both
        JobFolder(_folder(recipe)).start("fer_core.datasets.assembling.copy_counts", asdict(recipe))


def stop_counting(recipe: DatasetRecipe) -> None:
    """Asks the job to stop."""
    with suppress(InputError):  # it has ended by now
        JobFolder(_folder(recipe)).stop()


def read_counting(recipe: DatasetRecipe) -> JobStatus | None:
    """The counting job for this recipe; None if there is none."""
    folder = _folder(recipe)
    return JobFolder(folder).read_status() if folder.is_dir() else None


def read_counts(recipe: DatasetRecipe) -> list[TakenCount] | None:
    """The counts; None if not counted yet, or if the sources have changed since."""
    file = _folder(recipe) / _RESULT
    try:
        counts = read_json(file)
    except FileNotFoundError:
        return None
    if not isinstance(counts, list):
        raise UnreadableError(file, "it contains no counts", "Delete it and count again.")
    return [parse_document(row, TakenCount, file) for row in counts]


def _count(recipe: DatasetRecipe, folder: Path, progress: Progress) -> list[TakenCount]:
    readings, stamps = read_sources(recipe, progress)
    file = FaceFile(folder / f"{uuid4().hex}.npy", recipe.size)
    try:
        read = write_faces(recipe, readings, file, progress)
    finally:
        file.path.unlink(missing_ok=True)
    for source, stamp in stamps:
        refuse_changed(source, stamp)
    progress("counting", 0, 1)
    return count_taken(read, recipe.split, recipe.seed)


def _folder(recipe: DatasetRecipe) -> Path:
    fields = {name: value for name, value in asdict(recipe).items() if name not in _COME_AFTERWARDS}
    for _, path in recipe.pairs:
        check_path(Path(path))
    stamps = [sorted(stamp_source(Path(path)).items()) for _, path in recipe.pairs]
    key = hashlib.sha256(json.dumps([fields, stamps], sort_keys=True).encode()).hexdigest()
    return copy_counts_dir() / key[:16]


def main(folder: Path) -> None:
    """Does the job in `folder`."""

    def work(job: Mapping[str, object], progress: Progress) -> None:
        counts = _count(read_recipe(job), folder, progress)
        write_json(folder / _RESULT, [row.to_document() for row in counts])

    run_job(folder, work)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
