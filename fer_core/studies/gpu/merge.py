"""Figures that came home beside those that are here: joined by seed, and of two for one seed the newer stay."""

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
    """Writes the rows' files anew where something in them is new.

    Args:
        brought: the records that came home, by row; rows that the table has not are passed over.
        table: whose folder gets the files.
        packed: folder of the rows' files as they were packed: a figure that is unchanged since is no new one.

    Returns:
        the rows whose files were written, and a sentence on each figure that stayed before another one.
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
    """The row's record with what is new of `brought`, and a sentence on each figure of `here` that stayed before it."""
    if not brought.results:
        return here, []
    if not here.results:
        return brought, []
    is_of_today = is_current(brought, row, table)
    if here.spec != brought.spec and not (is_of_today and is_current(here, row, table)):
        # The row has been changed in between: figures of two settings are no row.
        sentence = f"{row.name}: what came home was measured with other settings; the figures here stay."
        return (brought, []) if is_of_today else (here, [sentence])
    merged, kept = here, []
    for entry in brought.results:
        old = here.entry(entry["seed"])
        if old is None or _is_newer(entry, old, packed.entry(entry["seed"])):
            merged = merged.with_entry(entry)
        elif not _is_same(old, entry):
            kept.append(
                f"{name_run(row, entry['seed'])}: {old['run_id']} of {old['measured']} stays; what came home is not "
                f"newer ({entry['run_id']} of {entry['measured']})."
            )
    return (here if merged is here else settle(merged, row, table, brought.why)), kept


def _is_newer(entry: Entry, here: Entry, packed: Entry | None) -> bool:
    """Whether the figure is newer than that which is here; `packed` is the one that was sent, if any."""
    if _is_same(entry, here) or _is_same(entry, packed):
        return False
    # Days are all that is known of the measuring; a run's id begins with the second in which it was made.
    return _is_same(packed, here) or (entry["measured"], entry["run_id"]) > (here["measured"], here["run_id"])


def _is_same(one: Entry | None, other: Entry | None) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)  # NaN is like NaN there
