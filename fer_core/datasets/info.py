"""`dataset.json`: the recipe and sources of an assembled data set, and the counts of its assembly."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from fer_core.base.documents import Document
from fer_core.base.fields import Count
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
        source: its unique name in the data set.
        layout: a phrase for the layout found.
        path: its path.
        n: its number of faces in the data set.
        left_out: class outside the seven, or another reason -> rows that its reader excluded.
        n_skipped: number of bad rows.
        notes: remarks.
    """

    source: str
    layout: str = ""
    path: str = ""
    n: Count = 0
    left_out: dict[str, Count] = Field(default_factory=dict)
    n_skipped: Count = 0
    notes: tuple[str, ...] = ()


class SourceProblem(Document):
    """A row or image of a source that could not be used."""

    source: str
    origin: str = ""
    message: str = ""


class KeptRecipe(Document):
    """The recipe in `dataset.json`: the fields of `fer_core.datasets.assembling.recipe`, with its defaults.

    `read_recipe` converts it to a recipe that can be assembled.
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
        """Whether the recipe leaves the labels of that split unchanged.

        Corrections of its faces are stored, but have no effect until a recipe uses relabel: all.
        """
        return split != "train" and self.relabel == "train"


class Replaced(Document):
    """The data set of the same name that an assembly replaced.

    Attributes:
        n: its number of faces.
        n_gone: faces that are not in the new one.
        n_new: faces that are only in the new one.
        from_to: faces in both with a changed label.
        fingerprint: its fingerprint.
        recipe: choice -> [before, now] for changed choices.
    """

    n: Count
    n_gone: Count = 0
    n_new: Count = 0
    from_to: tuple[LabelChange, ...] = ()
    fingerprint: str = ""
    recipe: dict[str, list[Any]] = Field(default_factory=dict)


class Compressed(Document):
    """The original of a data set compressed with lossy WebP.

    Attributes:
        of: its name.
        fingerprint: its fingerprint.
        quality: WebP quality, 1 to 100.
        mean_error: mean error of the training faces in grey levels, of 255.
        decoded_alike: whether this machine's decoder gave exactly the same pixels.
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
        drawn: whether its faces are drawn, not photographed.
        n: faces.
        size_px: side of a face.
        splits: train, val and test -> number of faces.
        counts: number of faces by source, expression and split.
        sources: its sources, in order.
        n_skipped: number of bad rows in all sources.
        problems: the first thousand problems.
        copies: exact and near copies.
        fingerprint: sha256 of faces, names, labels and splits.
        recipe: its recipe.
        alignment: source -> detected faces; empty without face detection.
        n_dropped_copies: faces that the rule for copies excluded.
        turned_searched: whether turned copies were searched for, if near copies were.
        labels: changes by votes and corrections.
        quality: flagged faces; None if an early version did not measure faces.
        balance: the limits; None in early versions without limits.
        left_out: excluded faces, by reason; None if an early version did not keep them.
        replaced: the data set that it replaced.
        compressed: the original data set, if this one is compressed.
        version: of the document.
    """

    name: str
    made: str = ""
    drawn: bool = False
    n: Count
    size_px: Annotated[int, Field(ge=1, lt=2**16)]
    splits: dict[str, Count]
    counts: tuple[FaceCount, ...] = ()
    sources: tuple[SourceInfo, ...] = ()
    n_skipped: Count = 0
    problems: tuple[SourceProblem, ...] = ()
    copies: CopyReport = CopyReport()
    fingerprint: str
    recipe: KeptRecipe
    alignment: dict[str, Alignment] = Field(default_factory=dict)
    n_dropped_copies: Count = 0
    turned_searched: bool = True
    labels: LabelChanges = LabelChanges()
    quality: Quality | None = None
    balance: LimitedTraining | None = None
    left_out: tuple[LeftOutCount, ...] | None = None
    replaced: Replaced | None = None
    compressed: Compressed | None = None
    version: int = VERSION

    @field_validator("splits")
    @classmethod
    def _check_splits(cls, value: dict[str, int]) -> dict[str, int]:
        lacking = [split for split in ("train", "val", "test") if split not in value]
        if lacking:
            raise ValueError(f"expected train, val and test, found no {lacking[0]}")
        return value

    @model_validator(mode="before")
    @classmethod
    def _upgrade(cls, document: Any) -> Any:
        return upgrade(document) if isinstance(document, Mapping) else document


def upgrade(document: Mapping[str, Any]) -> dict[str, object]:
    """Upgrades a `dataset.json` of any earlier version; values that it lacks keep their defaults."""
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
    """The recipe with the number of drawn faces, which earlier versions did not store."""
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
