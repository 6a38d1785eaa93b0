"""From the rows of a list, or the files of a folder, to a reading's table: each counted once, none lost."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from fer_core.sources.classes import KNOWN_NAMES, Classes
from fer_core.sources.records import BOX, COLUMNS, Problem, Reading

REPEATED = "a repeated row"
NO_IMAGE = "not an image"
_MISSING = ("", "None", "nan", "NaN", "NAN", "null", "NULL", "<NA>", "N/A")
_Row = tuple[tuple[str, str, str, str], str]  # (expression, subject, usage, box), position


class Rows:
    """Collects rows one at a time; each becomes a face, an excluded row, or a problem.

    Args:
        classes: the meaning of the class names.
        find: from the name in a row to the path of its image; raises ValueError with a phrase if there is none.

    Attributes:
        left_out: class outside the seven, or another reason -> rows.
        unknown: class without a meaning -> rows; these rows are among the problems.
        problems: rows that cannot be used.
        find: as given; a source of several lists has one for each.
    """

    def __init__(self, classes: Classes = KNOWN_NAMES, find: Callable[[str], str] = str) -> None:
        self.left_out: Counter[str] = Counter()
        self.unknown: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self._classes = classes
        self.find = find
        self._faces: dict[str, _Row] = {}
        self._against: dict[str, list[_Row]] = {}  # rows that say something else of an image

    def add(
        self, where: str, label: str, name: str, subject: str = "", usage: str = "", face: str = "", box: str = ""
    ) -> None:
        """Adds one row.

        Args:
            where: the row or file, for the problems.
            label: its class, as the source spells it.
            name: its image, as the source spells it.
            subject: the person, "" when unknown.
            usage: train, val, test or "".
            face: which face of the image it is, if `box` is only part of it.
            box: "left,top,right,bottom", px (`fer_core.sources.records`).
        """
        if has_no_label(label, self._classes):
            self.problems.append(Problem(where, "it has no label"))
            return
        expression = self._classes.parse(label)
        if expression is None:
            if self._classes.is_known(label):
                self.left_out[label.strip().lower()] += 1
            else:
                self.unknown[label.strip()] += 1
                self.problems.append(Problem(where, f"unknown class {label!r}"))
            return
        try:
            origin = self.find(name)
        except ValueError as error:
            self.problems.append(Problem(where, str(error)))
            return
        origin = f"{origin}#{face}" if box else origin
        row = (expression, subject, usage, box), where
        first = self._faces.setdefault(origin, row)
        if first is row:
            return
        if first[0] == row[0]:
            self.left_out[REPEATED] += 1
        else:
            self._against.setdefault(origin, []).append(row)

    def build_reading(self, source: str, layout: str, root: Path) -> Reading:
        """The reading of all rows taken: faces in the order they came; rows that contradict each other are problems."""
        for origin, others in self._against.items():
            first = self._faces.pop(origin)
            for row, other in [(first, others[0]), *((row, first) for row in others)]:
                self.problems.append(_contradict(origin, row, other))
        faces = [(origin, *content) for origin, (content, _) in self._faces.items()]
        table = pd.DataFrame(faces, columns=[*COLUMNS, BOX], dtype=object)
        if not table[BOX].any():
            table = table.drop(columns=BOX)
        return Reading(
            source=source,
            layout=layout,
            root=root,
            table=table,
            pixels=None,
            left_out=self.left_out,
            problems=self.problems,
            unknown=self.unknown,
        )


def has_no_label(label: str, classes: Classes = KNOWN_NAMES) -> bool:
    """True for the usual representations of a missing value; None is not AffectNet's class none."""
    said = {name.strip().lower() for name, _ in classes.said}
    return label.strip() in _MISSING and label.strip().lower() not in said


def _contradict(origin: str, row: _Row, other: _Row) -> Problem:
    stated, against = (" ".join(filter(None, content)) for content, _ in (row, other))
    return Problem(row[1], f"it says {stated} for {origin}, but {other[1]} says {against}")
