"""The list of a data set's corrections: a file to which lines are added and from which none is taken.

`corrections/<data set>.jsonl` lies beside the data sets, not in them: it survives an assembly, a deletion and a new
assembly, and `Recipe.corrections` lets another data set of the same sources use it. A line is one correction, or the
undoing of an earlier one. A line that was cut off by a crash counts as never written.
"""

import getpass
import json
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
from filelock import FileLock

from fer_core.errors import InputError
from fer_core.files import explain_full_disk
from fer_core.labels import INDEX
from fer_core.workspace import check_name, corrections_dir

DROP = "drop"  # in place of an expression: the face is left out
KINDS = ("person", "pseudo", "confident-learning")


@dataclass(frozen=True, slots=True)
class Correction:
    """What a face is to be called.

    Attributes:
        face_id: of the face, as its data set names it.
        sha256: of its pixels, by which it is found again under another name.
        expression: one of EXPRESSIONS, or DROP.
        before: what it was called until then.
        kind: one of KINDS.
        who: the person who decided, or who accepted the suggestion.
        why: where it comes from: a pseudo-label file's name, a cross-validation's id, the list a person went through.
        confidence: 0 to 1, of the suggestion; None for what a person decided alone.
        when: ISO 8601, of the machine that wrote it.
        correction_id: `<act>.<number>`; corrections that were written together share the act.
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
            raise InputError(f"{self.expression!r} is no expression: choose one of {', '.join(INDEX)}, or {DROP}.")
        if self.kind not in KINDS:
            raise InputError(f"Unknown kind of correction {self.kind!r}: choose one of {', '.join(KINDS)}.")

    @property
    def act(self) -> str:
        """What was written together with it shares this."""
        return self.correction_id.partition(".")[0]


@dataclass
class CorrectionLog:
    """The corrections of one list that stand, in their order; `refresh` reads on from where it left off.

    Attributes:
        path: of the file, which need not exist.
        standing: correction_id -> correction, those that were not undone.
        n_lines: how many lines were read, undoings included.
    """

    path: Path
    standing: dict[str, Correction] = field(default_factory=dict)
    n_lines: int = 0
    _read_to: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)  # a dashboard's sessions share one log

    def refresh(self) -> "CorrectionLog":
        """Reads what was added since; returns itself.

        Raises:
            InputError: for a line that is no correction, with its number.
        """
        with self._lock:
            self._read_on()
        return self

    def add(self, corrections: Iterable[Correction]) -> list[Correction]:
        """Writes them as one act; returns them with their time and ids."""
        act, when = uuid4().hex[:8], time.strftime("%Y-%m-%dT%H:%M:%S%z")
        lines = [
            {**_to_dict(correction), "when": when, "correction_id": f"{act}.{number}"}
            for number, correction in enumerate(corrections)
        ]
        self._append(lines)
        return [self.standing[line["correction_id"]] for line in lines]

    def undo(self, what: str, who: str) -> int:
        """Takes back one correction, or all of an act; what held before it holds again. Returns how many.

        Raises:
            InputError: when no standing correction has that id.
        """
        n = len(self.refresh().standing)
        if not self._find(what):
            raise InputError(
                f"No correction {what!r} stands. See fer data corrections {self.path.stem} for those that do."
            )
        self._append([{"undo": what, "who": who, "when": time.strftime("%Y-%m-%dT%H:%M:%S%z")}])
        return n - len(self.standing)

    def _read_on(self) -> None:
        size = self.path.stat().st_size if self.path.is_file() else 0
        if size < self._read_to:  # another file took its place
            self.standing, self.n_lines, self._read_to = {}, 0, 0
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
            if "undo" in document:
                for correction_id in self._find(document["undo"]):
                    del self.standing[correction_id]
            else:
                correction = Correction(**document)
                self.standing[correction.correction_id] = correction
        except (ValueError, TypeError) as error:
            raise InputError(
                f"{self.path} line {self.n_lines} is no correction ({error}). Mend that line, or restore the file."
            ) from error

    def _append(self, documents: Sequence[dict[str, Any]]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = b"".join(json.dumps(document, ensure_ascii=False).encode() + b"\n" for document in documents)
        lock = FileLock(self.path.with_name(f".{self.path.name}.lock"))
        with lock, explain_full_disk(self.path), self.path.open("a+b") as file:
            _cut_torn_line(file)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        self.refresh()


def open_log(name: str) -> CorrectionLog:
    """The corrections made on the data set of that name; none where nobody has made any."""
    return CorrectionLog(corrections_dir() / f"{check_name(name, 'data set')}.jsonl").refresh()


def this_person() -> str:
    """The name of the account that runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "someone"


def to_table(corrections: Iterable[Correction]) -> pd.DataFrame:
    """One row a correction with its attributes as columns, for CSV files and --json documents."""
    return pd.DataFrame([_to_dict(c) for c in corrections], columns=list(Correction.__slots__))


def _to_dict(correction: Correction) -> dict[str, Any]:
    """As dataclasses.asdict, without its deep copies, which take seconds for a large file of pseudo-labels."""
    return {name: getattr(correction, name) for name in Correction.__slots__}


def _cut_torn_line(file: Any) -> None:
    """Removes what a writer that died left after the last whole line."""
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
