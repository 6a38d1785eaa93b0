"""Returned results added to a workspace: finished runs that pages and `fer evaluate` open, and the rows' files."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from fer_core.base.files import explain_full_disk, write_atomic, write_json
from fer_core.base.workspace import runs_dir
from fer_core.runs.run import Run
from fer_core.studies.gpu.bring import PARTS
from fer_core.studies.gpu.came_home import CameHome
from fer_core.studies.gpu.merge import merge_rows
from fer_core.studies.results.table_file import TableFile


@dataclass(frozen=True, kw_only=True)
class Laid:
    """The outcome of `lay_home`.

    Attributes:
        runs: new in the workspace.
        without_weights: returned runs whose weights were not sent.
        damaged_weights: those whose weights were sent but are damaged here.
        ensembles: ensembles without weights here, because these are never sent.
        rows: whose files were written.
        kept: one sentence for each result that was kept instead of a returned one.
        left_out: one sentence for each item that did not fit.
    """

    runs: tuple[str, ...]
    without_weights: tuple[str, ...]
    damaged_weights: tuple[str, ...]
    ensembles: tuple[str, ...]
    rows: tuple[str, ...]
    kept: tuple[str, ...]
    left_out: tuple[str, ...]

    def tell_weights(self) -> list[str]:
        """One sentence for each run without weights, with the next step."""
        bare = "probabilities and scores only"
        sentences = [f"{run_id}: {bare}; its weights were not brought back." for run_id in self.without_weights]
        for run_id in self.damaged_weights:
            sentences.append(
                f"{run_id}: {bare}; some of the files {PARTS} are missing or damaged. Copy the folder again, then "
                "unpack it again."
            )
        for run_id in self.ensembles:
            command = Run(runs_dir() / run_id).info.command or "fer ensemble"
            sentences.append(
                f"{run_id}: an ensemble, {bare}; its weights are copies of its members', which are not sent "
                f"twice. Make it again with {command}."
            )
        return sentences


def lay_home(came: CameHome, table: TableFile, packed: Path) -> Laid:
    """Adds returned results to the workspace. An existing run is kept, and gets its weights if it lacks them.

    Args:
        came: the result of `read_home`.
        table: its folder gets the rows' results; rows that it lacks are skipped.
        packed: folder of the rows' files as packed.

    Raises:
        InputError: if the disk is full, or a row's file here is damaged.
    """
    runs_dir().mkdir(parents=True, exist_ok=True)
    with explain_full_disk(runs_dir()):
        laid = tuple(run_id for run_id in sorted(came.runs) if _lay_run(run_id, came))
    for run_id in sorted(came.runs):
        _lay_weights(run_id, came)
    written, kept = merge_rows(came.rows, table, packed)
    bare = [run for run_id in sorted(came.runs) if not (run := Run(runs_dir() / run_id)).best_weights.is_file()]
    return Laid(
        runs=laid,
        without_weights=tuple(run.run_id for run in bare if not run.members and run.run_id not in came.weights),
        damaged_weights=tuple(run.run_id for run in bare if not run.members and run.run_id in came.weights),
        ensembles=tuple(run.run_id for run in bare if run.members),
        rows=tuple(written),
        kept=tuple(kept),
        left_out=came.left_out,
    )


def _lay_run(run_id: str, came: CameHome) -> bool:
    """Writes the run's small files; False if the run exists. Its run.json names the pack it was trained from."""
    path = runs_dir() / run_id
    if is_new := not path.exists():
        temporary = runs_dir() / f".home-{run_id}"  # folders that start with a dot are not listed as runs
        shutil.rmtree(temporary, ignore_errors=True)
        (temporary / "checkpoints").mkdir(parents=True)
        for name, data in came.runs[run_id].items():
            (temporary / name).write_bytes(data)
        _note_origin(Run(temporary), came.pack["id"])
        temporary.replace(path)
    elif (path / "run.json").is_file():
        _note_origin(Run(path), came.pack["id"])
    return is_new


def _note_origin(run: Run, pack_id: str) -> None:
    info = run.info
    if info.gpu_pack is None:  # it may be of an earlier pack, by way of a call that went on with it
        write_json(run.path / "run.json", {**info.to_document(), "gpu_pack": pack_id})


def _lay_weights(run_id: str, came: CameHome) -> None:
    """Writes the run's weights if they were sent, arrived intact and are missing here."""
    path = Run(runs_dir() / run_id).best_weights
    if run_id not in came.weights or path.is_file():
        return
    data = came.read_weights(run_id)
    if hashlib.sha256(data).hexdigest() == came.weights[run_id]["sha256"]:
        path.parent.mkdir(exist_ok=True)
        write_atomic(path, lambda temporary: temporary.write_bytes(data))
