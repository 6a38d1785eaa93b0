"""Inspects a path before assembling: layout, class counts and problems."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.assembling.decode import Target, decode_table, note_animated
from fer_core.labels import EXPRESSIONS
from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.readers import read_source
from fer_core.sources.records import MAJORITY, Problem, Reading


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """The result of inspecting one source.

    Attributes:
        source: the matching reader.
        layout: a phrase for the layout found.
        path: the given path.
        n: number of faces with one of the seven expressions.
        counts: expression -> number of faces, in the order of EXPRESSIONS.
        usages: train, val, test or "" (not specified by the source) -> number of faces.
        left_out: class outside the seven, or another reason -> number of faces.
        n_subjects: number of distinct subjects, 0 if the source names none.
        problems: unusable rows and files.
        notes: remarks.
        n_voted: number of faces with votes.
        unknown: class without a meaning -> number of rows, which are also among the problems.
        unused: columns of the source that are not read.
        classes: user-given meanings of its class names and numbers.
    """

    source: str
    layout: str
    path: Path
    n: int
    counts: dict[str, int]
    usages: dict[str, int]
    left_out: dict[str, int]
    n_subjects: int
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]
    n_voted: int = 0
    unknown: dict[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    classes: Classes = KNOWN_NAMES

    def to_document(self) -> dict[str, object]:
        """The document that --json prints."""
        document = asdict(self) | {"path": str(self.path), "n_problems": len(self.problems)}
        return document | {"problems": [asdict(problem) for problem in self.problems]}


def inspect_source(
    path: Path,
    name: str = "auto",
    progress: Progress = no_progress,
    decode: bool = True,
    classes: Classes = KNOWN_NAMES,
) -> Inspection:
    """Reads the source as assembling would.

    Args:
        path: file or folder.
        name: one of READERS, or auto.
        progress: called with the current step, items done and items in total.
        decode: also open every image; otherwise only the records are read.
        classes: user-given meanings of its class names and numbers.

    Raises:
        InputError: if the path does not exist, or no reader recognises it.
    """
    progress(f"reading {path.name}", 0, 1)
    reading = read_source(name, path, classes)
    if decode and reading.pixels is None:
        _try_decoding(reading, progress)
    progress("done", 1, 1)
    return _describe(reading, path, classes)


def _try_decoding(reading: Reading, progress: Progress) -> None:
    """Opens every image; unreadable ones are moved from the table to the problems."""
    done, n_animated, n_images = 0, 0, len(reading.table)
    for chunk in decode_table(reading.root, reading.table, Target(48)):
        reading.problems += chunk.problems
        n_animated += chunk.n_animated
        done += len(chunk.rows) + len(chunk.problems)
        progress("decoding", done, n_images)
    unusable = {problem.origin for problem in reading.problems}
    reading.table = reading.table[~reading.table["origin"].isin(unusable)]
    reading.notes += note_animated(n_animated)


def _describe(reading: Reading, path: Path, classes: Classes) -> Inspection:
    table = reading.table
    counts, usages = Counter(table["expression"]), Counter(table["usage"])
    return Inspection(
        source=reading.source,
        layout=reading.layout,
        path=path,
        n=len(table),
        counts={expression: counts[expression] for expression in EXPRESSIONS},
        usages={usage: usages[usage] for usage in ("train", "val", "test", "") if usages[usage]},
        left_out=dict(reading.left_out),
        n_subjects=int(table.loc[table["subject"] != "", "subject"].nunique()),
        problems=tuple(reading.problems),
        notes=tuple(reading.notes),
        n_voted=int(table[MAJORITY].notna().sum()) if MAJORITY in table else 0,
        unknown=dict(reading.unknown),
        unused=tuple(reading.unused),
        classes=classes,
    )
