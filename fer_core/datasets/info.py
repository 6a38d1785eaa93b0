"""`dataset.json`: what an assembled data set is made of, and what its assembly counted."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from fer_core.base.documents import Document
from fer_core.datasets.counts import (
    Alignment,
    CopyReport,
    FaceCount,
    LabelChange,
    LabelChanges,
    LeftOutCount,
    LimitedTraining,
    Quality,
)

VERSION = 2  # of the document; 1: before it had one

FORMER_REASONS = {"leak": "copy in validation or test"}  # of leaving a face out: an earlier name -> today's


class SourceInfo(Document):
    """One source of a data set.

    Attributes:
        source: its name in the data set, which tells two of one reader apart.
        layout: a phrase that says which layout was found.
        path: where it was read.
        n: faces of it in the data set.
        left_out: class outside the seven, or another reason -> rows that its reader left out.
        n_skipped: bad rows.
        notes: sentences worth reading.
    """

    source: str
    layout: str = ""
    path: str = ""
    n: int = 0
    left_out: dict[str, int] = Field(default_factory=dict)
    n_skipped: int = 0
    notes: tuple[str, ...] = ()


class SourceProblem(Document):
    """A row or image of a source that could not be used."""

    source: str
    origin: str = ""
    message: str = ""


class KeptRecipe(Document):
    """The recipe as `dataset.json` keeps it: the fields of `fer_core.datasets.assembling.recipe`, with its defaults.

    `read_recipe` makes the recipe of it that can be followed.
    """

    name: str = ""
    sources: tuple[tuple[str, str], ...] = ()
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
    leave_out: tuple[str, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()
    balance: tuple[str, ...] = ()
    align: bool = False
    meanings: tuple[tuple[str, str], ...] = ()
    turned: bool | None = None

    def holds_back(self, split: str) -> bool:
        """True where the recipe leaves the labels of that split alone.

        Corrections of its faces are kept, but change nothing until a recipe with relabel on all takes them in.
        """
        return split != "train" and self.relabel == "train"


class Replaced(Document):
    """The data set of the same name that an assembly replaced.

    Attributes:
        n: its faces.
        n_gone: those that are not in the new one.
        n_new: those of the new one that it did not have.
        from_to: faces of both whose label is another one now.
        fingerprint: of it.
        recipe: choice -> [before, now], of choices that differ.
    """

    n: int
    n_gone: int = 0
    n_new: int = 0
    from_to: tuple[LabelChange, ...] = ()
    fingerprint: str = ""
    recipe: dict[str, list[Any]] = Field(default_factory=dict)


class Compressed(Document):
    """The data set whose faces these were before a lossy WebP.

    Attributes:
        of: its name.
        fingerprint: of it.
        quality: of the WebP, 1 to 100.
        mean_error: of the training faces, grey levels of 255.
        decoded_alike: whether this machine's decoder gave the very same pixels.
    """

    of: str
    fingerprint: str
    quality: int
    mean_error: float = 0.0
    decoded_alike: bool | None = None


class DatasetInfo(Document):
    """`dataset.json`.

    Attributes:
        name: of the data set.
        made: ISO 8601, when it was assembled.
        drawn: True where its faces are drawn, not photographed.
        n: faces.
        size_px: side of a face.
        splits: train, val and test -> faces.
        counts: faces by source, expression and split.
        sources: of the data set, in order.
        n_skipped: bad rows of all sources.
        problems: the first thousand of them.
        copies: exact and near copies.
        fingerprint: sha256 of faces, names, labels and splits.
        recipe: that it was made by.
        alignment: source -> faces found; empty where faces were not looked for.
        n_dropped_copies: faces that the rule for copies took.
        turned_searched: whether turned copies were looked for, where near ones were.
        labels: what votes and corrections changed.
        quality: flagged faces; None for a data set from before faces were measured.
        balance: the limits; None for a data set from before there were limits.
        left_out: faces left out, by reason; None for a data set from before they were kept.
        replaced: the data set in whose place it was assembled.
        compressed: the data set that it is a smaller copy of.
        version: of the document.
    """

    name: str
    made: str = ""
    drawn: bool = False
    n: int
    size_px: int
    splits: dict[str, int]
    counts: tuple[FaceCount, ...] = ()
    sources: tuple[SourceInfo, ...] = ()
    n_skipped: int = 0
    problems: tuple[SourceProblem, ...] = ()
    copies: CopyReport = CopyReport()
    fingerprint: str
    recipe: KeptRecipe
    alignment: dict[str, Alignment] = Field(default_factory=dict)
    n_dropped_copies: int = 0
    turned_searched: bool = True
    labels: LabelChanges = LabelChanges()
    quality: Quality | None = None
    balance: LimitedTraining | None = None
    left_out: tuple[LeftOutCount, ...] | None = None
    replaced: Replaced | None = None
    compressed: Compressed | None = None
    version: int = VERSION

    @model_validator(mode="before")
    @classmethod
    def _upgrade(cls, document: Any) -> Any:
        return upgrade(document) if isinstance(document, Mapping) else document


def upgrade(document: Mapping[str, Any]) -> dict[str, object]:
    """A `dataset.json` of any earlier version as today's; what it never counted stays away and has its default."""
    version = document.get("version", 1)
    if not isinstance(version, int) or version >= VERSION:
        return dict(document)
    today: dict[str, object] = {**document, "version": VERSION}
    if isinstance(recipe := document.get("recipe"), dict):
        today["recipe"] = _name_drawn_faces(recipe, document)
    if isinstance(left_out := document.get("left_out"), list):
        today["left_out"] = [_rename_reason(row) for row in left_out]
    return today


def _rename_reason(row: Any) -> Any:
    if not isinstance(row, dict):
        return row
    return {**row, "reason": FORMER_REASONS.get(row.get("reason", ""), row.get("reason"))}


def _name_drawn_faces(recipe: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, object]:
    """The recipe with how many faces were drawn, which earlier versions did not say."""
    sources, n, labels = recipe.get("sources"), document.get("n"), document.get("labels")
    if not isinstance(sources, list) or not isinstance(n, int):
        return dict(recipe)
    n += labels.get("n_dropped", 0) if isinstance(labels, dict) else 0
    return {**recipe, "sources": [_name_drawn(source, n) for source in sources]}


def _name_drawn(source: Any, n: int) -> Any:
    match source:
        case ["demo", str(path)] if path.startswith("seed "):
            return ["demo", f"{n} faces, {path}"]
    return source
