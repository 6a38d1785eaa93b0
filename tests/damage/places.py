"""A workspace with a copy of a run, a data set, a search ... for each file that it holds, to be damaged there alone."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.damage.kinds import copy_linked

RUN_FILES = (
    "run.json", "config.json", "exit.json", "report.json", "metrics.jsonl", "predictions.parquet", "learned.json",
    "learned.npy", "checkpoints/best.safetensors", "log.txt", "process.json", "alive.lock",
)  # fmt: skip
DATASET_FILES = (
    "dataset.json", "faces.npy", "faces.parquet", "left_out.npy", "left_out.parquet", "CARD.md", "source_leak.json",
    ".leak/exit.json", ".leak/progress.json", ".leak/job.json", ".leak/job.lock", ".leak/process.json",
)  # fmt: skip
SEARCH_FILES = ("search.json", "trials.journal", "exit.json", "launched.json", "process.json", "log.txt", "alive.lock")
GROUP_FILES = ("kfold.json", "out_of_fold.parquet")
JOB_FILES = ("job.json", "progress.json", "exit.json", "process.json", "log.txt", "job.lock")
LR_RANGE_FILES = ("run.json", "config.json", "exit.json", "sweep.json", "lr_range.json", "metrics.jsonl")
KEPT_RUNS = ("plain", "people", "corrected", "folded", "folded-2", "rates-0", "rates-1")


@dataclass(frozen=True)
class Place:
    """One file to damage.

    Attributes:
        kind: run, data set, search, cross-validation, assembly, range test or corrections.
        name: of what it belongs to, a copy of its own.
        path: of the file.
    """

    kind: str
    name: str
    path: Path


def lay_out(kept: Path) -> list[Place]:
    """Thins the kept workspace out, makes the copies in it, and lists the files to damage."""
    runs = {path.name[16:]: path for path in (kept / "runs").iterdir() if path.name[0] != "."}
    places = [
        *_copy(runs["plain"], RUN_FILES, "run", "20270101-000000-{}"),
        *_copy(runs["student"], ("teacher.npy",), "run", "20270102-000000-{}"),
        *_copy(runs["stopped"], ("stop.json", "exit.json", "checkpoints/last.pt"), "run", "20270103-000000-stopped-{}"),
        *_copy(runs["queued"], ("queued.json",), "run", "20270104-000000-{}"),
        *_copy(runs["on-slurm"], ("slurm.json",), "run", "20270105-000000-{}"),
        *_copy(kept / "datasets" / "faces", DATASET_FILES, "data set", "faces-{}"),
        *_copy(kept / "searches" / "rates", SEARCH_FILES, "search", "rates-{}"),
        *_copy(next((kept / "kfold").iterdir()), GROUP_FILES, "cross-validation", "20270101-000000-{}"),
        *_copy(kept / "datasets" / ".failed.job", JOB_FILES, "assembly", ".failed-{}.job"),
        *_copy(next((kept / "runs").glob(".lr-range-*")), LR_RANGE_FILES, "range test", ".lr-range-20270101-000000-{}"),
    ]  # fmt: skip
    (evaluated,) = (runs["corrected"] / "evaluations").iterdir()
    for name in ("report.json", "predictions.parquet"):
        copied = _copy_folder(runs["corrected"], f"20270106-000000-evaluated-{_slug(name)}")
        places.append(Place("run", copied.name, copied / "evaluations" / evaluated.name / name))
    (kept / "datasets" / ".assembled.job").rename(kept / "assembled.job")  # it would take the Data page to its data set
    corrections = kept / "corrections" / "faces.jsonl"
    shutil.copyfile(kept / "corrections" / "corrected.jsonl", corrections)
    places.append(Place("corrections", "faces", corrections))
    (counts,) = (kept / "copy-counts").iterdir()
    places += [Place("copy counts", counts.name, counts / name) for name in ("counts.json",)]
    (archive,) = (kept / "archives").glob("album-*")
    places += [Place("archive", archive.name, archive / name) for name in (".archive.json", ".members.json")]
    for name in runs.keys() - set(KEPT_RUNS):
        shutil.rmtree(runs[name])
    for place in places:
        assert place.path.is_file(), place
    return places


def _copy(folder: Path, files: tuple[str, ...], kind: str, name: str) -> list[Place]:
    copies = [_copy_folder(folder, name.format(_slug(file))) for file in files]
    return [Place(kind, copy.name, copy / file) for copy, file in zip(copies, files, strict=True)]


def _copy_folder(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder, folder.with_name(name), copy_function=copy_linked))


def _slug(file: str) -> str:
    return (
        file.rpartition("/")[2].lower().replace(".", "-")
        if "/" not in file
        else file.lower().strip(".").replace("/", "-").replace(".", "-")
    )
