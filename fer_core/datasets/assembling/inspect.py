"""What lies at a path: layout, class counts and problems, before anything is assembled."""

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
    """One source, looked at.

    Attributes:
        source: the reader that fits.
        layout: a phrase that says which layout was found.
        path: what was given.
        n: faces of the seven expressions.
        counts: expression -> faces, in the order of EXPRESSIONS.
        usages: train, val, test or "" (the source says nothing) -> faces.
        left_out: class outside the seven, or another reason -> faces.
        n_subjects: persons that are told apart, 0 when the source names none.
        problems: rows and files that cannot be used.
        notes: sentences worth telling.
        n_voted: faces that come with votes.
        unknown: class without a meaning -> rows; these rows are among the problems.
        unused: columns that the source has and nobody reads.
        classes: what a person said of its class names and numbers.
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
        """For --json documents."""
        document = asdict(self) | {"path": str(self.path), "n_problems": len(self.problems)}
        return document | {"problems": [asdict(problem) for problem in self.problems]}


def inspect_source(
    path: Path,
    name: str = "auto",
    progress: Progress = no_progress,
    decode: bool = True,
    classes: Classes = KNOWN_NAMES,
) -> Inspection:
    """Reads the source as assembling would, and says what it found.

    Args:
        path: file or folder.
        name: one of READERS, or auto.
        progress: called with what is being done, how many of how many.
        decode: open every image too; without it only the records are read.
        classes: what a person says of its class names and numbers.

    Raises:
        InputError: when nothing lies there, or nothing that a reader knows.
    """
    progress(f"reading {path.name}", 0, 1)
    reading = read_source(name, path, classes)
    if decode and reading.pixels is None:
        _try_decoding(reading, progress)
    progress("done", 1, 1)
    return _describe(reading, path, classes)


def _try_decoding(reading: Reading, progress: Progress) -> None:
    """Opens every image: those that cannot be read leave the table and become problems."""
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
