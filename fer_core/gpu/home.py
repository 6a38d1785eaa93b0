"""What came home, laid into a workspace: finished runs that pages and `fer evaluate` open, and the rows' files."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from fer_core.errors import InputError
from fer_core.files import write_atomic, write_json
from fer_core.gpu.bring import CONTENTS, PARTS, RESULTS
from fer_core.runs import Run
from fer_core.workspace import check_name, runs_dir


@dataclass(frozen=True)
class Laid:
    """What `lay_home` did.

    Attributes:
        runs: new in the workspace.
        without_weights: of all that came home, those whose weights did not.
        rows: whose files were written.
        left_out: what there was no room for, a sentence each.
    """

    runs: tuple[str, ...]
    without_weights: tuple[str, ...]
    rows: tuple[str, ...]
    left_out: tuple[str, ...]


def lay_home(folder: Path, rows: Path) -> Laid:
    """Lays what came home into the workspace; a run that is there already stays, and gets its weights if it lacks them.

    Args:
        folder: that came home.
        rows: folder that gets the rows' JSON files.

    Raises:
        InputError: when the folder has nothing of the kind, or `results.zip` is damaged.
    """
    try:
        with ZipFile(folder / RESULTS) as file:
            names = file.namelist()
            contents = json.loads(file.read(CONTENTS))
            files = {name: file.read(name) for name in names if name.startswith(("runs/", "rows/"))}
    except FileNotFoundError as error:
        raise InputError(f"{folder} holds no {RESULTS}. Give the folder that came home.") from error
    except (BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"{folder / RESULTS} is damaged ({error}). Fetch it once more.") from error
    files |= {name: files[first] for name, first in contents["same"].items()}
    laid = _lay_runs(files)
    lacking = _lay_weights(folder, contents["weights"], _list_ids(files))
    written = _lay_rows(files, rows)
    return Laid(laid, lacking, written, tuple(contents["left_out"]))


def _list_ids(files: dict[str, bytes]) -> list[str]:
    return sorted({name.split("/")[1] for name in files if name.startswith("runs/")})


def _lay_runs(files: dict[str, bytes]) -> tuple[str, ...]:
    laid = []
    for run_id in _list_ids(files):
        path = runs_dir() / check_name(run_id, "run")
        if path.exists():
            continue
        temporary = runs_dir() / f".home-{run_id}"  # with a dot in front it is no run among the others
        shutil.rmtree(temporary, ignore_errors=True)
        (temporary / "checkpoints").mkdir(parents=True)
        for name, data in files.items():
            if name.startswith(f"runs/{run_id}/"):
                (temporary / Path(name).name).write_bytes(data)
        temporary.replace(path)
        laid.append(run_id)
    return tuple(laid)


def _lay_weights(folder: Path, placed: dict[str, Any], run_ids: list[str]) -> tuple[str, ...]:
    """Writes the weights that came home whole; returns the runs, ensembles among them, that have none."""
    stream = b"".join(path.read_bytes() for path in sorted(folder.glob(PARTS)))
    for run_id, place in placed.items():
        path = Run(runs_dir() / check_name(run_id, "run")).best_weights
        data = stream[place["start"] : place["start"] + place["n_bytes"]]
        if path.parent.is_dir() and not path.is_file() and hashlib.sha256(data).hexdigest() == place["sha256"]:
            write_atomic(path, lambda temporary, data=data: temporary.write_bytes(data))  # type: ignore[misc]
    return tuple(run_id for run_id in run_ids if not Run(runs_dir() / run_id).best_weights.is_file())


def _lay_rows(files: dict[str, bytes], folder: Path) -> tuple[str, ...]:
    """Writes the files of rows that have results; others only where nothing is known of the row here."""
    written = []
    for name, data in sorted(files.items()):
        if not name.startswith("rows/"):
            continue
        path, document = folder / Path(name).name, json.loads(data)
        if document["results"] or not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_atomic(path, lambda temporary, data=data: temporary.write_bytes(data))  # type: ignore[misc]
            written.append(path.stem)
    return tuple(written)


def note_origin(run_ids: tuple[str, ...], pack_id: str) -> None:
    """Keeps in each run's run.json which pack it was trained from."""
    for run_id in run_ids:
        run = Run(runs_dir() / run_id)
        write_json(run.path / "run.json", {**run.info, "gpu_pack": pack_id})
