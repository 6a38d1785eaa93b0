"""What the assembly of a data set counts, as `dataset.json` keeps it (`fer_core.datasets.info`)."""

from pydantic import Field

from fer_core.base.documents import Document


class FaceCount(Document):
    """How many faces of one source, expression and split a data set has."""

    source: str
    expression: str
    split: str
    n: int


class LeftOutCount(Document):
    """How many faces of one source and split an assembly left out for one reason; "" is before the split."""

    source: str
    split: str
    reason: str
    n: int


class CopyReport(Document):
    """Copies in a data set, counted after the split.

    Attributes:
        groups: sets of two or more copies.
        images: faces in them.
        groups_across_splits: sets with members in more than one split.
        groups_with_contradicting_labels: sets whose members carry different expressions.
        test_faces_with_copy_in_train: test faces that a network may have seen.
        near: the same counts for sets of exact or near copies; None where no near ones were looked for.
    """

    groups: int = 0
    images: int = 0
    groups_across_splits: int = 0
    groups_with_contradicting_labels: int = 0
    test_faces_with_copy_in_train: int = 0
    near: "CopyReport | None" = None


class Alignment(Document):
    """Faces of one source that were found and brought to one frame, and those that were not found."""

    found: int
    not_found: int


class LabelKind(Document):
    """How many labels one kind of change (votes, person, ...) changed, and how many faces it left out."""

    kind: str
    changed: int
    dropped: int


class LabelChange(Document):
    """How many faces went from one label to another, which may be "drop"."""

    old: str = Field(validation_alias="from", serialization_alias="from")
    new: str = Field(validation_alias="to", serialization_alias="to")
    n: int


class LabelChanges(Document):
    """What votes and corrections changed.

    Attributes:
        n_lines: of the list of corrections, when it was read.
        n_changed: faces under another label than their source's.
        n_dropped: faces that were left out.
        by_kind: both, by what changed them.
        from_to: both, by labels.
        n_held_back: changes of faces that are not for training, which were not made.
        n_not_found: corrections whose face is not among the sources' faces.
        n_changed_left_out: changed faces that flags or limits left out afterwards.
    """

    n_lines: int = 0
    n_changed: int = 0
    n_dropped: int = 0
    by_kind: tuple[LabelKind, ...] = ()
    from_to: tuple[LabelChange, ...] = ()
    n_held_back: int = 0
    n_not_found: int = 0
    n_changed_left_out: int = 0


class FlagCount(Document):
    """How many faces of one source and split have a flag."""

    flag: str
    source: str
    split: str
    n: int


class FlaggedOut(Document):
    """Flagged faces that were left out.

    Attributes:
        n: how many.
        n_held_back: flagged faces that stay because they are not training faces.
        by_flag: flag -> faces left out; one with two flags counts under both.
    """

    n: int = 0
    n_held_back: int = 0
    by_flag: dict[str, int] = Field(default_factory=dict)


class Quality(Document):
    """Flagged faces: a face with two flags is in `counts` twice and once in `n_flagged`."""

    n_flagged: int = 0
    counts: tuple[FlagCount, ...] = ()
    left_out: FlaggedOut = FlaggedOut()


class TrainingCount(Document):
    """Training faces of one class of one source, as split, before and within the limits; None: not known."""

    source: str
    expression: str
    n_read: int | None = None
    n_before: int | None = None
    n_after: int


class LimitedTraining(Document):
    """Training faces before and within the limits of a recipe; `n_left_out` are over them."""

    n_left_out: int = 0
    counts: tuple[TrainingCount, ...] = ()


class TakenCount(Document):
    """How many of a source's `n_faces` faces a rule for copies takes; None where the rule leaves too few faces."""

    rule: str
    source: str
    n: int | None
    n_faces: int


class LeakCount(Document):
    """Test faces of one source and expression: how many, and how many have a copy in training.

    `near` counts exact copies too; None where no near ones were looked for.
    """

    source: str
    expression: str
    n: int
    exact: int
    near: int | None
