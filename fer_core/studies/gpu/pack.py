"""Packing for the borrowed machine: `start.py`, the project, wheels, and the rows' data sets and initial weights.

`pack.json`: `id`, `commit`, `made`, `rows`, `datasets`, `weights`, `python`, and the `wheels` with their sha256.
"""

import hashlib
import json
import shutil
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fer_core.base.files import explain_full_disk, read_json, write_json
from fer_core.base.project import ROOT
from fer_core.datasets.assembling.sheets import SHEETS, Progress
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.studies.gpu.checks import check_data, check_python
from fer_core.studies.gpu.limits import format_size
from fer_core.studies.gpu.weights import pack_weights
from fer_core.studies.gpu.wheels import fetch_wheels, list_wheels
from fer_core.studies.results.datasets import ensure_dataset
from fer_core.studies.results.places import Places
from fer_core.studies.results.rows import RecordedRow, Row
from fer_core.studies.results.table_file import TableFile

MANIFEST, CODE, START = "pack.json", "code.tar.gz", "start.py"
WHEELS, DATASETS, WEIGHTS = "wheels", "datasets", "weights.zip"
TABLE, ROWS = "results.toml", "results"  # as in docs
GROUP = "gpu"
_PROJECT = ROOT
_LEFT_AT_HOME = (":(exclude)fer_core/models/bundled", ":(exclude)docs/images", ":(exclude)tests")


Manifest = dict[str, Any]  # of a pack: what it holds, for `read_manifest`


@dataclass(frozen=True, kw_only=True)
class Order:
    """The contents of a pack.

    Attributes:
        table: the table of the rows.
        rows: the rows to run.
        places: of the sources of their data sets.
        packages: packages that the machine lacks.
        wheels: folder with their wheels; None to download them.
        python: Python version of the machine.
        most_bytes: maximum size of the pack.
    """

    table: TableFile
    rows: list[Row]
    places: Places
    packages: tuple[str, ...]
    wheels: Path | None
    python: str
    most_bytes: int


def pick_rows(table: TableFile, names: list[str], group: str = GROUP) -> list[Row]:
    """The named rows, or those of the group if none is named, with the rows that they need, in file order.

    Raises:
        InputError: for an unknown name, a row that cannot be run, or an empty group.
    """
    picked = [row for row in table.pick(names) if names or row.group == group]
    if recorded := [row.name for row in picked if isinstance(row, RecordedRow)]:
        if names:
            raise InputError(
                f"The row {recorded[0]} has recorded figures only and cannot be run. Leave it out of --only."
            )
        picked = [row for row in picked if row.name not in recorded]
    if not picked:
        known = ", ".join(dict.fromkeys(row.group for row in table.rows.values() if row.group)) or "none"
        raise InputError(f'{table.path} has no row with group = "{group}" ({known}). Name rows with --only.')
    wanted, found = [row.name for row in picked], set()
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted += [need for need in table.rows[name].needs if need not in found]
    return [row for row in table.rows.values() if row.name in found]


def write_pack(folder: Path, order: Order, progress: Progress) -> Manifest:
    """Writes the pack into a new or empty folder, or replaces an earlier pack; returns its `pack.json`.

    It is written next to the folder, `pack.json` last: an earlier pack is kept until the new one is complete.

    Args:
        folder: of the pack.
        order: its contents.
        progress: called with the current step, items done and items in total.

    Raises:
        InputError: if something is missing, or the pack is too large.
    """
    folder = folder.resolve()
    _check_place(folder)
    check_python(order.python)
    if order.wheels:
        list_wheels(order.wheels, order.python)
    check_data(order.table, order.rows, order.places)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (
        explain_full_disk(folder),
        TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent, ignore_cleanup_errors=True) as beside,
    ):
        new = Path(beside) / "new"
        new.mkdir()
        manifest = _fill(new, order, progress)
        if folder.exists():
            folder.replace(Path(beside) / "old")
        new.replace(folder)
    return manifest


def _fill(folder: Path, order: Order, progress: Progress) -> Manifest:
    """Writes all files of a pack into an empty folder; downloads, which may fail, come last."""
    commit = _write_code(folder / CODE)
    names = _pack_datasets(folder / DATASETS, order.table, order.rows, order.places, progress)
    weights = pack_weights(folder / WEIGHTS, order.rows)
    shutil.copy(Path(__file__).with_name(START), folder)
    _pack_table(folder, order.table, order.rows)
    (folder / WHEELS).mkdir()
    if order.wheels:
        for path in sorted(order.wheels.glob("*.whl")):
            shutil.copy(path, folder / WHEELS)
    elif order.packages:
        progress(f"downloading wheels of {', '.join(order.packages)} for Python {order.python}", 0, 1)
        fetch_wheels(order.packages, folder / WHEELS, order.python)
    found = list_wheels(folder / WHEELS, order.python) if order.wheels or order.packages else []
    manifest = {
        "commit": commit,
        "made": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "rows": [row.name for row in order.rows],
        "datasets": names,
        "weights": weights,
        "python": order.python,
        "wheels": [asdict(wheel) for wheel in found],
    }
    manifest["id"] = hashlib.sha256(json.dumps(manifest).encode()).hexdigest()[:12]
    refuse_large(folder, order.most_bytes - len(json.dumps(manifest, indent=2)))
    write_json(folder / MANIFEST, manifest)
    return manifest


def list_sizes(folder: Path) -> list[tuple[str, int]]:
    """(path within the folder, bytes) of each file, by path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path.stat().st_size) for path in files]


def refuse_large(folder: Path, most_bytes: int) -> None:
    """Raises InputError if the folder's files exceed the limit; the message names the largest."""
    sizes = list_sizes(folder)
    total = sum(n_bytes for _, n_bytes in sizes)
    if total > most_bytes:
        name, n_bytes = max(sizes, key=lambda each: each[1])
        raise InputError(
            f"The pack has {format_size(total)}, but the limit is {format_size(most_bytes)}; its largest file is "
            f"{name} with {format_size(n_bytes)}. Pack fewer rows with --only, choose a lower quality for their "
            "data sets, or raise --limit."
        )


def _check_place(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"--out: {folder} is a file. Give a new folder.")
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise InputError(f"--out: {folder} is not empty and is not a pack. Give a new folder.")


def _write_code(path: Path) -> str:
    """Packs the project as of its last commit, without weights, images and tests; returns the commit."""
    git = ["git", "-C", str(_PROJECT)]
    command = [*git, "archive", "--format=tar.gz", f"--output={path.absolute()}", "HEAD", ".", *_LEFT_AT_HOME]
    for arguments in (command, [*git, "rev-parse", "--short=12", "HEAD"]):
        answer = subprocess.run(arguments, capture_output=True, text=True, check=False)
        if answer.returncode:
            said = answer.stderr.strip().splitlines() or ["git gave no reason"]
            raise InputError(
                f"The project could not be packed from {_PROJECT}: {said[-1].rstrip('.')}. Pack from a git clone of it."
            )
    return answer.stdout.strip()


def is_changed() -> bool:
    """Whether the clone has uncommitted changes, which are not packed."""
    command = ["git", "-C", str(_PROJECT), "status", "--porcelain", "--untracked-files=no"]
    return bool(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())


def _pack_table(folder: Path, table: TableFile, rows: list[Row]) -> None:
    """Packs the table and the existing results, so that finished rows are not run again."""
    shutil.copy(table.path, folder / TABLE)
    (folder / ROWS).mkdir()
    for row in rows:
        if (path := table.folder / f"{row.name}.json").is_file():
            shutil.copy(path, folder / ROWS)


def _pack_datasets(folder: Path, table: TableFile, rows: list[Row], places: Places, progress: Progress) -> list[str]:
    folder.mkdir()
    names = sorted({row.dataset for row in rows if row.uses_dataset})
    for name in names:
        spec = table.datasets[name]
        if not spec.of:
            continue  # drawn there
        ensure_dataset(name, spec, table.sources, places, progress, table.datasets)
        shutil.copy(open_dataset(name).path / SHEETS, folder / f"{name}.zip")
    return [name for name in names if (folder / f"{name}.zip").is_file()]


def read_manifest(pack: Path) -> Manifest:
    """`pack.json`.

    Raises:
        InputError: if the folder does not contain a complete pack.
    """
    try:
        manifest = read_json(pack / MANIFEST)
    except FileNotFoundError as error:
        raise InputError(f"{pack} has no {MANIFEST}. Make a pack with fer gpu pack.") from error
    if not isinstance(manifest, dict) or not {"id", "rows", "datasets"} <= set(manifest):
        raise InputError(f"{pack} is incomplete. Make it again with fer gpu pack.")
    return dict(manifest)
