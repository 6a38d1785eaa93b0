"""Merges returned results with those here by seed; of two for one seed, the newer is kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer_core.studies.results.plan import settle
from fer_core.studies.results.records import Record, is_current, read_record, write_record
from fer_core.studies.results.rows import Row, name_run
from fer_core.studies.results.table_file import TableFile

Entry = Mapping[str, Any]


def merge_rows(brought: Mapping[str, Record], table: TableFile, packed: Path) -> tuple[list[str], list[str]]:
    """Rewrites the rows' files that have new results.

    Args:
        brought: the returned records, by row; rows that the table lacks are skipped.
        table: its folder gets the files.
        packed: folder of the rows' files as packed; a result that has not changed since is not new.

    Returns:
        The rows whose files were written, and one sentence for each result that was kept.
    """
    written, kept = [], []
    for name, record in sorted(brought.items()):
        row = table.rows.get(name)
        if row is None:
            continue
        here, merged = read_record(table.folder, row), record
        if (table.folder / f"{name}.json").is_file():
            merged, sentences = merge_records(here, record, read_record(packed, row), row, table)
            kept += sentences
        if merged is not here:
            write_record(table.folder, merged)
            written.append(name)
    return written, kept


def merge_records(
    here: Record, brought: Record, packed: Record, row: Row, table: TableFile
) -> tuple[Record, list[str]]:
    """The row's record with new results from `brought`, and one sentence for each result of `here` that was kept."""
    if not brought.results:
        return here, []
    if not here.results:
        return brought, []
    is_of_today = is_current(brought, row, table)
    if here.spec != brought.spec and not (is_of_today and is_current(here, row, table)):
        # The row has changed in between: results with different settings cannot share a row.
        sentence = (
            f"{row.name}: the results brought back were measured with other settings, so the figures here are kept."
        )
        return (brought, []) if is_of_today else (here, [sentence])
    merged, kept = here, []
    for entry in brought.results:
        old = here.entry(entry["seed"])
        if old is None or _is_newer(entry, old, packed.entry(entry["seed"])):
            merged = merged.with_entry(entry)
        elif not _is_same(old, entry):
            kept.append(
                f"{name_run(row, entry['seed'])}: {old['run_id']} of {old['measured']} is kept; the result "
                f"brought back is not newer ({entry['run_id']} of {entry['measured']})."
            )
    return (here if merged is here else settle(merged, row, table, brought.why)), kept


def _is_newer(entry: Entry, here: Entry, packed: Entry | None) -> bool:
    """Whether the result is newer than the one here; `packed` is the one that was sent, if any."""
    if _is_same(entry, here) or _is_same(entry, packed):
        return False
    # Days are all that is known of the measuring; a run's id begins with the second in which it was made.
    return _is_same(packed, here) or (entry["measured"], entry["run_id"]) > (here["measured"], here["run_id"])


def _is_same(one: Entry | None, other: Entry | None) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)  # NaN is like NaN there
