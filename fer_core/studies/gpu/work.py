"""On the borrowed machine: unpacks data sets, runs the rows within the time limit, and writes the results to return."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from fer_core.base.workspace import home
from fer_core.datasets.assembling.sheets import Progress, open_same, unpack_sheets
from fer_core.studies.gpu.bring import bring
from fer_core.studies.gpu.came_home import read_home
from fer_core.studies.gpu.home import lay_home
from fer_core.studies.gpu.limits import budget_of_work
from fer_core.studies.gpu.pack import DATASETS, ROWS, TABLE, read_manifest
from fer_core.studies.results.run import Options, Runner
from fer_core.studies.results.table_file import TableFile, read_table_file


def prepare(pack: Path, came_home: Path | None, progress: Progress) -> tuple[TableFile, list[str]]:
    """Adds table, data sets and earlier results to the workspace; returns the table and the pack's rows.

    Raises:
        InputError: if the pack or the earlier results are damaged, or the workspace has other data sets of these names.
    """
    manifest = read_manifest(pack)
    came = read_home(came_home) if came_home else None
    path = home() / "table" / TABLE
    path.with_suffix("").mkdir(parents=True, exist_ok=True)
    shutil.copy(pack / TABLE, path)
    for row in sorted((pack / ROWS).glob("*.json")):
        if not (path.with_suffix("") / row.name).is_file():  # one of an earlier call knows more
            shutil.copy(row, path.with_suffix(""))
    for name in manifest["datasets"]:
        sheets = pack / DATASETS / f"{name}.zip"
        if open_same(sheets) is None:
            unpack_sheets(sheets, progress)
    table = read_table_file(path)
    if came:  # also of an earlier pack: rows that this one has not are passed over
        lay_home(came, table, pack / ROWS)
    return table, manifest["rows"]


def build_runner(
    pack: Path, out: Path, table: TableFile, rows: list[str], limit_s: float, began: float, jobs: int,
    say: Callable[[str], None],
) -> Runner:  # fmt: skip
    """The runner of the rows, which writes the results to return after every run.

    Args:
        pack: folder of the pack.
        out: folder to bring back.
        table: the table returned by `prepare`.
        rows: of the pack.
        limit_s: of the whole call.
        began: when the call began, seconds since 1970.
        jobs: number of parallel runs.
        say: called with a line on every run.

    Raises:
        InputError: if no time is left.
    """
    options = Options(only=rows, budget_s=budget_of_work(limit_s, time.time() - began), jobs=jobs)
    return Runner(table, options, say, kept=lambda: bring_home(pack, out, table, say))


def bring_home(pack: Path, out: Path, table: TableFile, say: Callable[[str], None]) -> None:
    """Writes the results to return so far."""
    began = time.perf_counter()
    contents = bring(out, pack, table.folder)
    n, seconds = len(contents["weights"]), time.perf_counter() - began
    say(
        f"results written in {seconds:.1f} s, with the weights of {n}" + "".join(f"; {s}" for s in contents["left_out"])
    )
