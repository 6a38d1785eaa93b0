"""A row's JSON file: its results, what was run, and why it is unfinished.

`results/ROW.json` contains `row`, `kind`, `state` (done, unfinished or not run), `why`, `spec` (what was run, so that a
row that has changed since is run again), `dataset_fingerprint` (of the data set that counts; entries on another version
of it are kept, and run again) and `results`, an entry a run (`fer_core.studies.results.entries`).
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from fer_core.base.files import UnreadableError, read_json, write_atomic
from fer_core.errors import InputError
from fer_core.runs.config import read_config
from fer_core.runs.find import get_run
from fer_core.runs.run import BUNDLED_ID
from fer_core.studies.results.rows import EnsembleRow, EvaluateRow, Row, TrainRow
from fer_core.studies.results.schema import RowFile
from fer_core.studies.results.table_file import TableFile, validate

VERSION = 1
DONE, UNFINISHED, NOT_RUN = "done", "unfinished", "not run"


@dataclass(frozen=True, kw_only=True)
class Record:
    """The results of one row.

    Attributes:
        row: its name.
        kind: of the row.
        state: DONE, UNFINISHED (some runs, or parts of them) or NOT_RUN.
        why: why it is unfinished; empty if it is done.
        spec: the result of `describe_row` when it was run.
        results: one entry per run, by seed.
        fingerprint: of the data set that counts; empty: that of the entry measured last.
    """

    row: str
    kind: str
    state: str = NOT_RUN
    why: str = ""
    spec: Mapping[str, Any] = field(default_factory=dict)
    results: tuple[Mapping[str, Any], ...] = ()
    fingerprint: str = ""

    @property
    def counted(self) -> tuple[Mapping[str, Any], ...]:
        """The entries on the counted version of the data set: scores on different faces are not averaged."""
        if not self.results:
            return ()
        version = self.fingerprint or max(self.results, key=lambda each: each["measured"])["dataset_fingerprint"]
        return tuple(entry for entry in self.results if entry["dataset_fingerprint"] == version)

    def entry(self, seed: int | None) -> Mapping[str, Any] | None:
        """The counted entry of that seed, if there is one."""
        return next((entry for entry in self.counted if entry["seed"] == seed), None)

    def with_entry(self, entry: Mapping[str, Any]) -> "Record":
        """The record with the entry in place of that of the same seed; its version of the data set then counts."""
        others = [other for other in self.results if other["seed"] != entry["seed"]]
        ordered = sorted([*others, entry], key=lambda each: (each["seed"] is not None, each["seed"] or 0))
        return replace(self, results=tuple(ordered), fingerprint=entry["dataset_fingerprint"])


def read_record(folder: Path, row: Row) -> Record:
    """The row's record; an empty one if there is no file.

    Raises:
        InputError: if the file is damaged; the message names the field, the value found and the next step.
    """
    path = folder / f"{row.name}.json"
    try:
        document = read_json(path)
        if not isinstance(document, dict):
            raise InputError("expected an object")
        return parse_record(row.name, document)
    except FileNotFoundError:
        return Record(row=row.name, kind=row.kind)
    except (InputError, OSError) as error:
        why = error.why if isinstance(error, UnreadableError) else str(error).removeprefix("it: ")
        raise InputError(
            f"{path} is not the row's file ({why}). Restore it, or delete it and run the row again: `fer results "
            f"run --only {row.name}`."
        ) from error


def parse_record(name: str, document: Mapping[str, Any]) -> Record:
    """The record in a row's JSON document.

    Raises:
        InputError: if it is invalid or of another row; the message begins with "it".
    """
    validate(RowFile, document, "it")
    if document["row"] != name:
        raise InputError(f"it is the file of {document['row']!r}")
    return Record(
        row=name,
        kind=document["kind"],
        state=document["state"],
        why=document["why"],
        spec=document["spec"],
        results=tuple(document["results"]),
        fingerprint=document.get("dataset_fingerprint", ""),
    )


def write_record(folder: Path, record: Record) -> None:
    """Writes the row's file atomically, with each list of numbers on one line."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "version": VERSION,
        "row": record.row,
        "kind": record.kind,
        "state": record.state,
        "why": record.why,
        "spec": record.spec,
        **({"dataset_fingerprint": record.fingerprint} if record.fingerprint else {}),
        "results": list(record.results),
    }
    text = _join_lists(json.dumps(document, indent=1, ensure_ascii=False)) + "\n"
    path = folder / f"{record.row}.json"
    write_atomic(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def _join_lists(text: str) -> str:
    """The JSON text with each list without lists or objects on one line."""
    return re.sub(r"\[\n\s*([^][{}]*?)\n\s*\]", lambda found: "[" + re.sub(r",\n\s*", ", ", found[1]) + "]", text)


def describe_row(row: Row, table: TableFile) -> dict[str, object]:
    """Everything that determines a row's scores; while it is unchanged, they need not be measured again."""
    common: dict[str, object] = {"head": row.head, "views": row.views, "against": row.against}
    spec = {**common, "dataset": table.datasets[row.dataset].describe()} if row.dataset else common
    if isinstance(row, TrainRow):
        own = {"dataset", "name", "seed", "tensorboard"}
        spec["config"] = {k: v for k, v in row.config(row.seeds[0]).model_dump().items() if k not in own}
        if row.needs:
            spec["teachers"] = [describe_row(table.rows[name], table) for name in row.needs]
    if isinstance(row, EvaluateRow):
        spec["splits"] = list(row.splits)
        spec["of"] = describe_row(table.rows[row.of], table) if row.needs else _digest_bundled()
    if isinstance(row, EnsembleRow):
        seeds = [list(made.seeds) if isinstance(made := table.rows[name], TrainRow) else [] for name in row.members]
        spec["members"] = [describe_row(table.rows[name], table) for name in row.members]
        spec |= {"seeds": seeds, "greedy": row.greedy}
    return spec


def is_current(record: Record, row: Row, table: TableFile) -> bool:
    """Whether the results are those of the current row."""
    return _normalise(record.spec) == _normalise(describe_row(row, table))


def _normalise(spec: Any) -> Any:
    """As read from JSON, with configs of an earlier version completed by what they meant in fields that came since."""
    if isinstance(spec, Mapping):
        done = {key: _normalise(value) for key, value in spec.items()}
        if "config" in done:
            if not isinstance(done["config"], Mapping):
                return None
            try:
                done["config"] = read_config({**done["config"], "dataset": "any"}).model_dump()
            except InputError:  # a field that no longer exists
                return None
        return done
    return [_normalise(value) for value in spec] if isinstance(spec, list | tuple) else spec


def _digest_bundled() -> str:
    path = get_run(BUNDLED_ID).best_weights
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
