"""What a borrowed machine returns: `results.zip`, and as many weights as fit in `weights-N.bin`.

`results.zip` contains `pack/pack.json`, `rows/ROW.json`, the small files of finished runs under `runs/RUN_ID/`, and
`contents.json`: `same` (files identical to an earlier one, stored once), `weights` ({run_id: {start, n_bytes, sha256}}
in the concatenated weights files) and `left_out` (what did not fit). Everything is rewritten after each run.
"""

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd

from fer_core.base.files import read_json, write_atomic
from fer_core.jobs.state import State
from fer_core.models.heads import LOGITS
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run
from fer_core.studies.gpu.limits import FILE_BYTES, HOME_BYTES, N_FILES, format_size
from fer_core.studies.gpu.pack import Manifest

RESULTS, CONTENTS, PARTS = "results.zip", "contents.json", "weights-*.bin"
_KEPT = (
    "config.json", "run.json", "exit.json", "report.json", "metrics.jsonl", "learned.json", "learned.npy",
    "predictions.parquet",
)  # fmt: skip
_SPARE = 64 << 10  # bytes kept for contents.json and the zip file's own list


@dataclass(frozen=True)
class Limits:
    """Limits on what may be returned: bytes per file, number of files and bytes in total."""

    file_bytes: int = FILE_BYTES
    n_files: int = N_FILES
    all_bytes: int = HOME_BYTES


@dataclass
class _Parcel:
    """A zip file being written that must stay below a size."""

    most_bytes: int
    buffer: io.BytesIO = field(default_factory=io.BytesIO)
    first: dict[str, str] = field(default_factory=dict)  # digest -> the first file of that content
    same: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, files: dict[str, bytes]) -> bool:
        """Adds a folder's files, all or none; returns False if they do not fit."""
        packed = io.BytesIO()
        new = {path: data for path, data in files.items() if hashlib.sha256(data).hexdigest() not in self.first}
        with ZipFile(packed, "w", ZIP_DEFLATED) as trial:
            for path, data in new.items():
                trial.writestr(path, data)
        if self.buffer.tell() + len(packed.getvalue()) + _SPARE > self.most_bytes:
            return False
        with ZipFile(self.buffer, "a", ZIP_DEFLATED) as file:
            for path, data in files.items():
                digest, whole = hashlib.sha256(data).hexdigest(), f"{name}/{path}"
                if digest in self.first:
                    self.same[whole] = self.first[digest]
                else:
                    self.first[digest] = whole
                    file.writestr(whole, data)
        self.buffer.seek(0, io.SEEK_END)
        return True


def bring(out: Path, pack: Path, rows: Path, limits: Limits | None = None) -> Manifest:
    """Writes the results of all finished runs of the workspace into `out`; returns `contents.json`.

    Args:
        out: folder to bring back; what an earlier call wrote there is replaced.
        pack: the pack that was run.
        rows: folder of the rows' JSON files.
        limits: None for those of `fer_core.studies.gpu.limits`.
    """
    limits = limits or Limits()
    out.mkdir(parents=True, exist_ok=True)
    parcel, left_out = _Parcel(limits.file_bytes), []
    parcel.add("pack", {"pack.json": (pack / "pack.json").read_bytes()})
    parcel.add("rows", {path.name: path.read_bytes() for path in sorted(rows.glob("*.json"))})
    pack_id = read_json(pack / "pack.json")["id"]
    finished = sorted((run for run in list_runs() if run.state is State.FINISHED and run.report), key=_rank)
    brought = []
    for run in finished:
        if parcel.add(f"runs/{run.run_id}", _read_run(run, pack_id)):
            brought.append(run)
        else:
            left_out.append(f"{run.run_id}: its probabilities did not fit")
    room = limits.all_bytes - parcel.buffer.tell() - _SPARE
    chosen, skipped = _choose_weights(brought, limits, room)
    contents = {"same": parcel.same, "weights": _place(chosen), "left_out": [*left_out, *skipped]}
    with ZipFile(parcel.buffer, "a", ZIP_DEFLATED) as file:
        file.writestr(CONTENTS, json.dumps(contents, indent=1))
    write_atomic(out / RESULTS, lambda temporary: temporary.write_bytes(parcel.buffer.getvalue()))
    _write_parts(out, chosen, limits.file_bytes)
    return contents


def _rank(run: Run) -> tuple[bool, float, str]:
    """Sort key by value: distilled networks first, then by validation accuracy."""
    return (not run.config.teacher, -(run.report or {})["val"].accuracy, run.run_id)


def _read_run(run: Run, pack_id: str) -> dict[str, bytes]:
    """The run's small files; run.json names the pack it was trained from, unless it came from an earlier one."""
    files = {name: (run.path / name).read_bytes() for name in _KEPT if (run.path / name).is_file()}
    if "predictions.parquet" in files:
        files["predictions.parquet"] = round_predictions(files["predictions.parquet"])
    files["run.json"] = json.dumps({"gpu_pack": pack_id, **run.info.to_document()}, indent=2).encode()
    files["log.txt"] = run.log_tail(400).encode()
    return files


def round_predictions(data: bytes) -> bytes:
    """The Parquet file with its logits rounded to float16, kept as float32 in which their empty half takes no space."""
    table = pd.read_parquet(io.BytesIO(data))
    for columns in LOGITS.values():
        for column in (name for name in columns if name in table):
            table[column] = table[column].to_numpy(np.float16).astype(np.float32)
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def _choose_weights(runs: list[Run], limits: Limits, room: int) -> tuple[list[Run], list[str]]:
    """The runs whose weights fit, and a sentence on each other one; ensembles are made again after unpacking."""
    room = min(room, (limits.n_files - 1) * limits.file_bytes)
    chosen, skipped = [], []
    for run in runs:
        if run.members or not run.best_weights.is_file():
            continue
        n_bytes = run.best_weights.stat().st_size
        if n_bytes <= room:
            chosen.append(run)
            room -= n_bytes
        else:
            skipped.append(f"{run.run_id}: its weights ({format_size(n_bytes)}) did not fit")
    return chosen, skipped


def _place(runs: list[Run]) -> dict[str, Manifest]:
    """The position of each run's weights in the concatenated weights files."""
    start, placed = 0, {}
    for run in runs:
        data = run.best_weights.read_bytes()
        placed[run.run_id] = {"start": start, "n_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        start += len(data)
    return placed


def _write_parts(out: Path, runs: list[Run], part_bytes: int) -> None:
    whole = b"".join(run.best_weights.read_bytes() for run in runs)
    parts = [whole[i : i + part_bytes] for i in range(0, len(whole), part_bytes)]
    names = {f"weights-{i}.bin" for i in range(1, len(parts) + 1)}
    for name, part in zip(sorted(names), parts, strict=True):
        path = out / name
        if not path.is_file() or path.read_bytes() != part:
            write_atomic(path, lambda temporary, part=part: temporary.write_bytes(part))  # type: ignore[misc]
    for path in out.glob(PARTS):
        if path.name not in names:
            path.unlink()
