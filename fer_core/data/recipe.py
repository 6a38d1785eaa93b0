"""What a data set is made of: the sources and every choice of how they are joined."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_core.corrections.log import CorrectionLog, open_log
from fer_core.corrections.overlay import Rules
from fer_core.data.copies import COPY_RULES
from fer_core.data.splits import check_rule
from fer_core.errors import InputError
from fer_core.workspace import check_name

SIZES = (48, 64, 96)


@dataclass(frozen=True)
class Recipe:
    """What a data set is made of.

    Attributes:
        name: of the data set.
        sources: (reader, path) pairs, in order; the first with official splits rules `official`.
        split: one of `fer_core.data.splits.RULES`, or leave-out:SOURCE.
        size: side of the faces, px.
        seed: of the drawn splits.
        skip_bad: go on past bad rows, counting them.
        copies: which copies stay, one of `fer_core.data.copies.COPY_RULES`.
        near: near copies count as copies too.
        labels: of `fer_core.corrections.overlay.Rules`, as are drop and relabel.
        drop: majorities of votes whose faces are left out.
        relabel: which faces are changed by votes and corrections: train or all.
        corrections: whose list of corrections is laid over: "own", "none", or another data set's name.
        align: each face is found and brought to one frame (`fer_core.data.align`).
    """

    name: str
    sources: tuple[tuple[str, str], ...]
    split: str = "official"
    size: int = 48
    seed: int = 0
    skip_bad: bool = False
    copies: str = "keep"
    near: bool = True
    labels: str = "source"
    drop: tuple[str, ...] = ()
    relabel: str = "train"
    corrections: str = "own"
    align: bool = False

    @property
    def rules(self) -> Rules:
        """How votes and corrections change the labels."""
        return Rules(self.labels, self.drop, self.relabel)

    def open_corrections(self) -> CorrectionLog | None:
        """The list that is laid over, if any."""
        if self.corrections == "none":
            return None
        return open_log(self.name if self.corrections == "own" else self.corrections)

    def __post_init__(self) -> None:
        check_name(self.name, "data set")
        if not self.sources:
            raise InputError("A data set needs at least one source, such as fer2013=PATH.")
        check_rule(self.split)
        if self.copies not in COPY_RULES:
            raise InputError(f"Unknown rule for copies {self.copies!r}: choose one of {', '.join(COPY_RULES)}.")
        if self.size not in SIZES:
            raise InputError(f"Unknown size {self.size}: choose one of {', '.join(map(str, SIZES))}.")
        check_name(self.corrections, "data set")
        Rules(self.labels, self.drop, self.relabel)


def read_recipe(document: dict[str, Any]) -> Recipe:
    """The recipe that `dataset.json` keeps; one of an older version has the defaults of what it lacks."""
    sources = tuple((name, path) for name, path in document["sources"])
    return Recipe(**{**document, "sources": sources, "drop": tuple(document.get("drop", ()))})


def parse_source(text: str) -> tuple[str, str]:
    """`fer2013=PATH` -> ("fer2013", absolute path); a bare PATH is recognised by its layout."""
    name, equals, path = text.partition("=")
    if not equals:
        name, path = "auto", text
    return name, str(Path(path).expanduser().resolve())
