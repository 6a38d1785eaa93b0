"""The lines of the table, one per run, measured or recorded by hand, for the document and the dashboard."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fer_core.errors import InputError
from fer_core.evaluation.metrics import wilson_interval
from fer_core.studies.results.commands import tell_command
from fer_core.studies.results.records import NOT_RUN, Record, is_current, read_record
from fer_core.studies.results.rows import Recorded, Row, list_seeds
from fer_core.studies.results.table_file import TableFile


@dataclass(frozen=True)
class Score:
    """A share of n faces, 0 to 1, and its 95 % interval; n is None if it was not recorded."""

    value: float
    n: int | None = None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval, 0 to 1."""
        return wilson_interval(self.value, self.n) if self.n else None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One run of a row, or a note on a row without runs.

    Attributes:
        row: its name.
        title: title of the row.
        section: key of its section.
        command: the command that reproduces it.
        seed: of the run.
        epochs: number of epochs, and the best one.
        device: name.
        seconds: of training.
        val: accuracy on the validation faces.
        test: accuracy on the test faces, or on all faces.
        without_copies: accuracy on those without a copy in training.
        macro_f1: macro F1 on the faces of `test`.
        ece: expected calibration error on the same faces.
        ece_floor: that of a perfectly calibrated network.
        measured: the day, and the commit if known.
        by_hand: whether the scores were recorded by hand.
        note: why there are no scores, or a remark on them.
        is_counted: whether it is included in the row's mean and figure.
    """

    row: str
    title: str
    section: str
    command: str
    seed: int | None = None
    epochs: str = ""
    device: str = ""
    seconds: float | None = None
    val: Score | None = None
    test: Score | None = None
    without_copies: Score | None = None
    macro_f1: float | None = None
    ece: float | None = None
    ece_floor: float | None = None
    measured: str = ""
    by_hand: bool = False
    note: str = ""
    is_counted: bool = True


@dataclass(frozen=True)
class Shown:
    """A row with its lines, its record, and the entries that its mean and figure include."""

    row: Row
    record: Record
    lines: tuple[Line, ...] = field(default_factory=tuple)
    counted: tuple[Mapping[str, Any], ...] = ()


def read_rows(table: TableFile) -> list[Shown]:
    """Every row of the file with its lines, in the order of the file: measured lines first, then recorded ones.

    A row with a damaged file has a note and its recorded lines only.
    """
    shown = []
    for row in table.rows.values():
        damage = ""
        try:
            record = read_record(table.folder, row)
        except InputError as error:
            record = Record(row=row.name, kind=row.kind)
            damage = f"unreadable: {error}".replace(f"{table.folder.parent}{os.sep}", "")  # the same on each machine
        notes = [_note(row, record, table, entry) for entry in record.results]
        lines = [_read_entry(row, entry, note) for entry, note in zip(record.results, notes, strict=True)]
        if is_current(record, row, table):  # a title in it may be another than on the day of the run
            lines = [replace(line, command=tell_command(row, line.seed, table.rows)) for line in lines]
        lines += [_read_recorded(row, recorded, table) for recorded in row.recorded]
        why = record.why or row.why_not
        if damage:
            lines.insert(0, _note_row(row, tell_command(row, None, table.rows), damage))
        elif not lines:
            note = f"{record.state}: {why}" if why else "not run yet"
            lines = [_note_row(row, tell_command(row, None, table.rows), note)]
        elif record.state != NOT_RUN and record.why:
            lines.append(_note_row(row, "", f"unfinished: {record.why}"))
        counted = [entry for entry, (_, is_counted) in zip(record.results, notes, strict=True) if is_counted]
        shown.append(Shown(row, record, tuple(lines), tuple(counted)))
    return shown


def _note_row(row: Row, command: str, note: str) -> Line:
    """A line that says why there are no scores."""
    return Line(row=row.name, title=row.title, section=row.section, command=command, note=note)


def _note(row: Row, record: Record, table: TableFile, entry: Mapping[str, Any]) -> tuple[str, bool]:
    """A remark on an entry, and whether it is included in the row's mean and figure."""
    notes = [] if is_current(record, row, table) else ["measured before the row changed; run it again"]
    others = []
    if entry not in record.counted:
        others.append("measured on another version of the data set; not counted; run it again")
    if entry["seed"] not in list_seeds(row, table.rows):
        others.append("the row no longer has this seed; not counted")
    return "; ".join([*notes, *others]), not others


def _read_entry(row: Row, entry: Mapping[str, Any], note: tuple[str, bool]) -> Line:
    scores = entry["scores"]
    last = scores.get("test") or scores.get("all") or scores.get("train") or {}
    val, commit = scores.get("val"), entry.get("git_commit")
    epochs = "" if entry["n_epochs"] is None else f"{entry['n_epochs']}, best {entry['best_epoch']}"
    members = ", ".join(f"{m['weight']} x {m['title']}" for m in entry.get("members", []))
    return Line(
        row=row.name,
        title=row.title,
        section=row.section,
        command=entry["command"],
        seed=entry["seed"],
        epochs=epochs,
        device=entry["machine"],
        seconds=entry["seconds"],
        val=Score(val["accuracy"], val["n"]) if val else None,
        test=Score(last["accuracy"], last["n"]) if last else None,
        without_copies=_read_without(last),
        macro_f1=last.get("macro_f1"),
        ece=last.get("ece"),
        ece_floor=last.get("ece_floor"),
        measured=f"{entry['measured']}, {commit}" if commit else entry["measured"],
        note="; ".join(filter(None, [members, note[0]])),
        is_counted=note[1],
    )


def _read_without(scores: Mapping[str, Any]) -> Score | None:
    value = scores.get("accuracy_without_copies")
    return None if value is None else Score(value, scores["n_without_copies"])


def _read_recorded(row: Row, figures: Recorded, table: TableFile) -> Line:
    val, test, without, macro_f1, ece = (
        None if value is None else value / 100
        for value in (figures.val, figures.test, figures.without_copies, figures.macro_f1, figures.ece)
    )
    return Line(
        row=row.name,
        title=row.title,
        section=row.section,
        command=figures.command or tell_command(row, figures.seed, table.rows),
        seed=figures.seed,
        epochs=figures.epochs,
        device=figures.device,
        val=None if val is None else Score(val),
        test=None if test is None else Score(test, figures.n),
        without_copies=None if without is None else Score(without),
        macro_f1=macro_f1,
        ece=ece,
        measured=figures.on.isoformat(),
        by_hand=True,
    )
