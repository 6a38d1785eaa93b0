"""Which runs of the table are missing, and which may start now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from fer_core.jobs.state import State
from fer_core.runs.run import split_metrics
from fer_core.studies.results.datasets import find_dataset
from fer_core.studies.results.durations import format_duration
from fer_core.studies.results.members import find_trained
from fer_core.studies.results.records import DONE, NOT_RUN, UNFINISHED, Record, describe_row, is_current, read_record
from fer_core.studies.results.rows import Row, TrainRow, list_seeds
from fer_core.studies.results.table_file import TableFile


@dataclass(frozen=True)
class Unit:
    """One run of a row; `seed` is None for the only run of a row without seeds."""

    row: Row
    seed: int | None


def read_current(row: Row, table: TableFile, again: bool = False) -> Record:
    """The row's record; without results if the row has changed or everything is to be measured again.

    Entries on another version of the data set than the current one do not count.
    """
    record = read_record(table.folder, row)
    if row.dataset and (found := find_dataset(row.dataset, table.datasets[row.dataset])):
        record = replace(record, fingerprint=found)
    if record.results and (again or not is_current(record, row, table)):
        record = replace(record, state=NOT_RUN, why="", results=())
    return replace(record, spec=describe_row(row, table))


def list_missing(row: Row, record: Record, table: TableFile) -> list[Unit]:
    """The runs of the row without a counted entry."""
    return [Unit(row, seed) for seed in list_seeds(row, table.rows) if record.entry(seed) is None]


def settle(record: Record, row: Row, table: TableFile, why: str = "", has_begun: bool = False) -> Record:
    """The record with the state that follows from its results, and why it is unfinished if it is.

    Args:
        record: of the row.
        row: that it is of.
        table: of the row.
        why: a sentence; empty to name the missing seeds.
        has_begun: whether a run of it has a checkpoint.
    """
    missing = [unit.seed for unit in list_missing(row, record, table)]
    if not missing:
        return replace(record, state=DONE, why="")
    if not why:
        why = "" if missing == [None] else f"missing: seed {', '.join(map(str, missing))}"
    return replace(record, state=UNFINISHED if record.counted or has_begun else NOT_RUN, why=why)


def find_next(pending: list[Unit], working: Iterable[Row]) -> Unit | None:
    """The first unit whose row does not depend on a missing run."""
    waited_for = {unit.row.name for unit in pending} | {row.name for row in working}
    return next((unit for unit in pending if not waited_for & set(unit.row.needs)), None)


def estimate_seconds(unit: Unit, table: TableFile, fingerprint: str | None) -> float | None:
    """Expected remaining time of the run; None if the row does not say.

    Args:
        unit: the run.
        table: of its row.
        fingerprint: of its data set; None if that is not assembled yet, so no run on it exists.
    """
    whole = unit.row.expected_s
    if whole is None or fingerprint is None or not isinstance(unit.row, TrainRow) or unit.seed is None:
        return whole
    run = find_trained(unit.row, unit.seed, table, fingerprint)
    if run is None:
        return whole
    if run.state is State.FINISHED:
        return 0.0
    epochs, _ = split_metrics(run.metrics())
    return whole * (1 - len(epochs) / run.config.epochs)


def refuse_late(unit: Unit, table: TableFile, fingerprint: str | None, left_s: float | None) -> str:
    """Why the run cannot start with that many seconds left; empty if it can."""
    needed = estimate_seconds(unit, table, fingerprint)
    if left_s is None or needed is None or needed <= left_s:
        return ""
    return f"It takes {format_duration(needed)}, but {format_duration(max(left_s, 0))} of the budget remained."
