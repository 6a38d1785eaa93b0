"""A returned folder, read and checked completely before anything from it is written."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from fer_core.base.workspace import check_name
from fer_core.errors import InputError
from fer_core.studies.gpu.bring import CONTENTS, PARTS, RESULTS
from fer_core.studies.gpu.pack import Manifest
from fer_core.studies.results.records import Record, parse_record

_SAYS_PACK = "pack/pack.json"


@dataclass(frozen=True, kw_only=True)
class CameHome:
    """The contents of a folder written by `fer_core.studies.gpu.bring`.

    Attributes:
        folder: that it is.
        pack: `pack.json` of the pack that was run.
        runs: run id -> {file name: content}.
        rows: name -> the record.
        weights: run id -> {start, n_bytes, sha256} in the concatenated weights files.
        left_out: one sentence for each item that did not fit.
    """

    folder: Path
    pack: Manifest
    runs: dict[str, dict[str, bytes]]
    rows: dict[str, Record]
    weights: dict[str, Manifest]
    left_out: tuple[str, ...]

    def read_weights(self, run_id: str) -> bytes:
        """The bytes of the run's weights, possibly damaged; empty if its weights were not sent."""
        place = self.weights.get(run_id)
        if place is None:
            return b""
        stream = b"".join(path.read_bytes() for path in sorted(self.folder.glob(PARTS)))
        return stream[place["start"] : place["start"] + place["n_bytes"]]


def read_home(folder: Path) -> CameHome:
    """Reads and checks the folder.

    Raises:
        InputError: if the folder contains no results, or `results.zip` is damaged.
    """
    path = folder / RESULTS
    files = _read_files(folder)
    name = CONTENTS
    try:
        contents = json.loads(files[name])
        files |= {copy: files[first] for copy, first in contents["same"].items()}
        places = {run_id: _read_place(place) for run_id, place in contents["weights"].items()}
        left_out = tuple(map(str, contents["left_out"]))
        name = _SAYS_PACK
        pack = json.loads(files[name])
        str(pack["id"])
        rows = {}
        for name in sorted(name for name in files if name.startswith("rows/")):
            rows[Path(name).stem] = parse_record(Path(name).stem, json.loads(files[name]))
        runs: dict[str, dict[str, bytes]] = {}
        for name in sorted(name for name in files if name.startswith("runs/")):
            _, run_id, file_name = name.split("/")
            runs.setdefault(check_name(run_id, "run"), {})[check_name(file_name, "file")] = files[name]
        for run_id, found in runs.items():
            for document in ("config.json", "run.json", "exit.json", "report.json"):
                name = f"runs/{run_id}/{document}"
                json.loads(found[document])
    except InputError as error:
        raise InputError(
            f"{path} is damaged: {name} has changed since it was written ({error}). Copy it again."
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is damaged: {name} has changed since it was written ({error!r}). Copy it again."
        ) from error
    return CameHome(folder=folder, pack=pack, runs=runs, rows=rows, weights=places, left_out=left_out)


def _read_files(folder: Path) -> dict[str, bytes]:
    """Name -> content of each file in the folder's `results.zip`."""
    path = folder / RESULTS
    try:
        with ZipFile(path) as file:
            return {name: file.read(name) for name in file.namelist()}
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{folder} has no {RESULTS}. Give the folder that was brought back.") from error
    except (BadZipFile, OSError, EOFError, ValueError, zlib.error, NotImplementedError) as error:
        raise InputError(f"{path} is damaged ({error}). Copy it again.") from error


def _read_place(place: Mapping[str, Any]) -> Manifest:
    return {"start": int(place["start"]), "n_bytes": int(place["n_bytes"]), "sha256": str(place["sha256"])}


def refuse_others(came: CameHome, manifest: Mapping[str, Any], pack: Path, rows: set[str], table: Path) -> None:
    """Checks that the folder belongs to this pack and that its rows are in this table.

    Args:
        came: the returned folder.
        manifest: of the pack at hand.
        pack: its folder.
        rows: names of the table's.
        table: its path.

    Raises:
        InputError: for the folder of another pack, or rows that the table lacks.
    """
    if came.pack["id"] != manifest["id"]:
        theirs = ", ".join(came.pack.get("rows", [])) or "none"
        raise InputError(
            f"{came.folder} came from the pack {came.pack['id']} (rows {theirs}), but {pack} is the pack "
            f"{manifest['id']} (rows {', '.join(manifest['rows'])}). Give the pack that was sent with --pack."
        )
    if unknown := sorted(set(came.rows) - rows):
        raise InputError(
            f"{came.folder} has figures for {', '.join(unknown)}, but {table} has no such row. Give the table of "
            "the pack with --file."
        )
