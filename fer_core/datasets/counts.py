"""The counts of an assembly in `dataset.json` (`fer_core.datasets.info`)."""

from typing import Annotated

from pydantic import Field

from fer_core.base.documents import Document
from fer_core.base.fields import Count, Expression


class FaceCount(Document):
    """Number of faces of one source, expression and split."""

    source: str
    expression: Expression
    split: Annotated[str, Field(pattern="^(train|val|test)$")]
    n: Count


class LeftOutCount(Document):
    """Number of faces of one source and split excluded for one reason; "" is before the split."""

    source: str
    split: str
    reason: str
    n: Count


class CopyReport(Document):
    """Copies in a data set, counted after the split.

    Attributes:
        groups: sets of two or more copies.
        images: faces in them.
        groups_across_splits: sets with members in more than one split.
        groups_with_contradicting_labels: sets whose members have different labels.
        test_faces_with_copy_in_train: test faces with a copy among the training faces.
        near: the same counts for sets of exact or near copies; None if near copies were not searched for.
    """

    groups: Count = 0
    images: Count = 0
    groups_across_splits: Count = 0
    groups_with_contradicting_labels: Count = 0
    test_faces_with_copy_in_train: Count = 0
    near: "CopyReport | None" = None


class Alignment(Document):
    """Number of faces of one source that were detected and aligned, and of those not detected."""

    found: Count
    not_found: Count


class LabelKind(Document):
    """Number of labels changed, and of faces excluded, by one kind of change (votes, person, ...)."""

    kind: str
    changed: Count
    dropped: Count


class LabelChange(Document):
    """Number of faces changed from one label to another, which may be "drop"."""

    old: str = Field(validation_alias="from", serialization_alias="from")
    new: str = Field(validation_alias="to", serialization_alias="to")
    n: Count


class LabelChanges(Document):
    """The changes by votes and corrections.

    Attributes:
        n_lines: lines of the list of corrections when it was read.
        n_changed: faces with another label than their source's.
        n_dropped: excluded faces.
        by_kind: both, by kind of change.
        from_to: both, by old and new label.
        n_held_back: changes not applied because the faces are not training faces.
        n_not_found: corrections whose face is not among the sources' faces.
        n_changed_left_out: changed faces that flags or limits then excluded.
    """

    n_lines: Count = 0
    n_changed: Count = 0
    n_dropped: Count = 0
    by_kind: tuple[LabelKind, ...] = ()
    from_to: tuple[LabelChange, ...] = ()
    n_held_back: Count = 0
    n_not_found: Count = 0
    n_changed_left_out: Count = 0


class FlagCount(Document):
    """Number of faces of one source and split with a flag."""

    flag: str
    source: str
    split: str
    n: Count


class FlaggedOut(Document):
    """Excluded flagged faces.

    Attributes:
        n: how many.
        n_held_back: flagged faces that were kept because they are not training faces.
        by_flag: flag -> excluded faces; a face with two flags counts under both.
    """

    n: Count = 0
    n_held_back: Count = 0
    by_flag: dict[str, int] = Field(default_factory=dict)


class Quality(Document):
    """Flagged faces: a face with two flags is in `counts` twice and once in `n_flagged`."""

    n_flagged: Count = 0
    counts: tuple[FlagCount, ...] = ()
    left_out: FlaggedOut = FlaggedOut()


class TrainingCount(Document):
    """Training faces of one class of one source after the split, and before and after the limits; None if unknown."""

    source: str
    expression: Expression
    n_read: Count | None = None
    n_before: Count | None = None
    n_after: Count


class LimitedTraining(Document):
    """Training faces before and after a recipe's limits; `n_left_out` were excluded."""

    n_left_out: Count = 0
    counts: tuple[TrainingCount, ...] = ()


class TakenCount(Document):
    """How many of a source's `n_faces` faces a rule for copies excludes; None if it leaves too few faces."""

    rule: str
    source: str
    n: Count | None
    n_faces: Count


class LeakCount(Document):
    """Number of test faces of one source and expression, and of those with a copy in training.

    `near` includes exact copies; None if near copies were not searched for.
    """

    source: str
    expression: Expression
    n: Count
    exact: Count
    near: Count | None
