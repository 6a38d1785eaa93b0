"""The list of a data set's corrections: an append-only file.

`corrections/<data set>.jsonl` is outside the data sets' folders: it survives an assembly, a deletion and a new
assembly, and `DatasetRecipe.corrections` lets another data set of the same sources use it. A line is one correction,
or the undoing of an earlier one. A line that was cut off by a crash is ignored, and so is a line whose id was
written before: a browser that did not get the answer sends its decision again (`acts.py`).
"""

import getpass
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
from filelock import FileLock

from fer_core.base.files import UnreadableError, explain_full_disk
from fer_core.base.workspace import check_name, corrections_dir
from fer_core.errors import InputError
from fer_core.labels import INDEX

Line = dict[str, Any]  # of the file: the fields of a Correction or an Undo

DROP = "drop"  # in place of an expression: the face is left out
KINDS = ("person", "pseudo", "confident-learning")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction of a face's label.

    Attributes:
        face_id: of the face in its data set.
        sha256: of its pixels, to find it under another name.
        expression: one of EXPRESSIONS, or DROP.
        before: its label before the correction.
        kind: one of KINDS.
        who: the person who decided, or who accepted the suggestion.
        why: its origin: a pseudo-label file's name, a cross-validation's id, or the list that a person reviewed.
        confidence: 0 to 1, of the suggestion; None without a suggestion.
        when: ISO 8601, of the machine that wrote it.
        correction_id: `<act>.<number>`; corrections written together share the act.
    """

    face_id: str
    sha256: str
    expression: str
    before: str
    kind: str
    who: str
    why: str = ""
    confidence: float | None = None
    when: str = ""
    correction_id: str = ""

    def __post_init__(self) -> None:
        if self.expression != DROP and self.expression not in INDEX:
            raise InputError(f"{self.expression!r} is not an expression: choose one of {', '.join(INDEX)}, or {DROP}.")
        if self.kind not in KINDS:
            raise InputError(f"Unknown kind of correction {self.kind!r}: choose one of {', '.join(KINDS)}.")

    @property
    def act(self) -> str:
        """The id shared by everything written together."""
        return self.correction_id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Undo:
    """The undoing of one correction.

    Attributes:
        undo: the correction's id.
        who: the person who undid it.
        undo_id: of this line.
    """

    undo: str
    who: str
    undo_id: str


@dataclass(kw_only=True)
class CorrectionLog:
    """The corrections of one list that are in effect, in order; `refresh` continues reading where it stopped.

    Attributes:
        path: of the file, which need not exist.
        standing: correction_id -> correction, without undone ones.
        seen: the ids of all lines, in effect or not.
        n_lines: number of lines read, including undoings.
    """

    path: Path
    standing: dict[str, Correction] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    n_lines: int = 0
    _undone_early: set[str] = field(default_factory=set)  # ids that were undone before they were written
    _read_to: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)  # a dashboard's sessions share one log

    def refresh(self) -> "CorrectionLog":
        """Reads new lines; returns itself.

        Raises:
            InputError: for an invalid line; the message has its number.
        """
        with self._lock:
            self._read_on()
        return self

    def add(self, corrections: Iterable[Correction]) -> list[Correction]:
        """Writes corrections as one act; returns them with their time and ids."""
        act = uuid4().hex[:12]
        named = [replace(correction, correction_id=f"{act}.{number}") for number, correction in enumerate(corrections)]
        self.write_once(named)
        return [self.standing[correction.correction_id] for correction in named]

    def write_once(self, lines: Iterable[Correction | Undo]) -> None:
        """Writes lines with ids; existing lines are not written again.

        Args:
            lines: in order. An undoing may come before its correction, which then never takes effect. The undoing of
                a correction that is no longer in effect writes nothing.
        """
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._append([{**_to_dict(line), "when": when} for line in lines])

    def undo(self, what: str, who: str) -> int:
        """Undoes one correction, or all of an act, restoring the state before it. Returns their number.

        Raises:
            InputError: if no correction in effect has that id.
        """
        n = len(self.refresh().standing)
        if not self._find(what):
            raise InputError(
                f"There is no correction {what!r} in effect. See fer data corrections {self.path.stem} for those "
                "in effect."
            )
        self._append([{"undo": what, "who": who, "when": time.strftime("%Y-%m-%dT%H:%M:%S%z")}])  # no id: an act, too
        return n - len(self.standing)

    def _read_on(self) -> None:
        if self.path.is_dir():
            raise UnreadableError(self.path, "a folder is in its place")
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < self._read_to:  # another file took its place
            self.standing, self.seen, self._undone_early, self.n_lines, self._read_to = {}, set(), set(), 0, 0
        if size > self._read_to:
            with self.path.open("rb") as file:
                file.seek(self._read_to)
                whole = file.read().rpartition(b"\n")[0]
            for line in whole.split(b"\n") if whole else []:
                self._take(line)
            self._read_to += len(whole) + 1 if whole else 0

    def _find(self, what: str) -> list[str]:
        if "." in what:
            return [what] if what in self.standing else []
        return [correction_id for correction_id, c in self.standing.items() if c.act == what]

    def _take(self, line: bytes) -> None:
        self.n_lines += 1
        try:
            document = json.loads(line)
            line_id = document.get(_name_id(document), "")
            if line_id in self.seen:
                return
            if "undo" in document:
                self._take_back(document)
            else:
                known = {name: document[name] for name in document if name in Correction.__slots__}
                correction = Correction(**known)  # a newer version may have written more
                if line_id not in self._undone_early:
                    self.standing[line_id] = correction
            if line_id:
                self.seen.add(line_id)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise InputError(
                f"{self.path} line {self.n_lines} is not a valid correction ({error}). Repair the line, or "
                "restore the file."
            ) from error

    def _take_back(self, undoing: Line) -> None:
        found = self._find(undoing["undo"])
        for correction_id in found:
            del self.standing[correction_id]
        if not found and "undo_id" in undoing and undoing["undo"] not in self.seen:
            self._undone_early.add(undoing["undo"])

    def _pick_new(self, documents: Iterable[Line]) -> Iterator[Line]:
        """The lines that change which corrections are in effect, now or once they are written."""
        seen, standing, early = set(self.seen), set(self.standing), set(self._undone_early)
        for document in documents:
            line_id, undone = document.get(_name_id(document), ""), document.get("undo", "")
            if line_id in seen or (line_id and undone in seen - standing):
                continue
            yield document
            if line_id:
                seen.add(line_id)
            if not undone and line_id not in early:
                standing.add(line_id)
            standing.discard(undone)
            if undone and undone not in seen:
                early.add(undone)

    def _append(self, documents: Sequence[Line]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self.path.with_name(f".{self.path.name}.lock")):
            self.refresh()
            self._write(list(self._pick_new(documents)))
        self.refresh()

    def _write(self, documents: Sequence[Line]) -> None:
        if not documents:
            return
        lines = b"".join(json.dumps(document, ensure_ascii=False).encode() + b"\n" for document in documents)
        with explain_full_disk(self.path), self.path.open("a+b") as file:
            _cut_torn_line(file)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())


def open_log(name: str) -> CorrectionLog:
    """The corrections of the data set of that name; empty if there are none."""
    return CorrectionLog(path=corrections_dir() / f"{check_name(name, 'data set')}.jsonl").refresh()


def this_person() -> str:
    """The name of the account that runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "someone"


def to_table(corrections: Iterable[Correction]) -> pd.DataFrame:
    """One row per correction, with its attributes as columns, for CSV files and --json documents."""
    return pd.DataFrame([_to_dict(c) for c in corrections], columns=list(Correction.__slots__))


def _to_dict(line: Correction | Undo) -> Line:
    """Like dataclasses.asdict, without its deep copies, which take seconds for a large file of pseudo-labels."""
    return {name: getattr(line, name) for name in type(line).__slots__}


def _name_id(document: Line) -> str:
    """The field with a line's id; undoings by command have none."""
    return "undo_id" if "undo" in document else "correction_id"


def _cut_torn_line(file: Any) -> None:
    """Removes an incomplete last line left by a killed writer."""
    end = file.seek(0, os.SEEK_END)
    start = end
    while start:
        step = min(4096, start)
        file.seek(start - step)
        newline = file.read(step).rfind(b"\n")
        if newline >= 0:
            start += newline + 1 - step
            break
        start -= step
    if start < end:
        file.truncate(start)
