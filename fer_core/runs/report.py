"""`report.json`: the scores of a run on its held-out faces by split."""

from functools import lru_cache
from pathlib import Path

from pydantic import Field, FiniteFloat, field_validator

from fer_core.base.documents import Document, parse_document
from fer_core.base.fields import Count, Expression, Measure, Share
from fer_core.base.files import UnreadableError, read_document, stat_document
from fer_core.labels import N_EXPRESSIONS

_SPLITS = ("train", "val", "test", "all")


NO_CONFUSION = "The report has no confusion matrix: it is damaged, or an earlier version wrote it."


class ClassScores(Document):
    """Precision, recall and F1 of one expression; None if it has no faces."""

    expression: Expression
    n: Count
    precision: Share | None = None
    recall: Share | None = None
    f1: Share | None = None


class Scores(Document):
    """The scores of a set of faces: fractions from 0 to 1, None for values that an earlier version did not measure.

    Attributes:
        n: number of faces.
        accuracy: share of faces predicted as their label.
        macro_f1: mean F1 of the classes that were labelled or predicted, `macro_f1_n_classes` of them.
        balanced_accuracy: mean recall of the classes with faces, `balanced_accuracy_n_classes` of them.
        nll: mean negative log-likelihood, nats; from 0 up.
        ece: expected calibration error.
        ece_floor: its mean for a perfectly calibrated network.
        ece_floor_95: its 95th percentile for a perfectly calibrated network.
        classes: in the order of EXPRESSIONS.
        confusion: (7, 7) faces, rows true, columns predicted; empty if an earlier version did not store it.
    """

    n: Count
    accuracy: Share
    macro_f1: Share | None = None
    macro_f1_n_classes: Count | None = None
    balanced_accuracy: Share | None = None
    balanced_accuracy_n_classes: Count | None = None
    nll: Measure | None = None
    ece: Share | None = None
    ece_floor: Share | None = None
    ece_floor_95: Share | None = None
    classes: tuple[ClassScores, ...] = ()
    confusion: list[list[Count]] = Field(default_factory=list)

    @field_validator("confusion")
    @classmethod
    def _check_confusion(cls, value: list[list[int]]) -> list[list[int]]:
        if value and [len(row) for row in value] != [N_EXPRESSIONS] * N_EXPRESSIONS:
            raise ValueError(f"expected {N_EXPRESSIONS} rows of {N_EXPRESSIONS} counts")
        return value

    @field_validator("classes")
    @classmethod
    def _check_classes(cls, value: tuple[ClassScores, ...]) -> tuple[ClassScores, ...]:
        if len({each.expression for each in value}) < len(value):
            raise ValueError("an expression is listed twice")
        return value


class VoteScores(Scores):
    """Scores against the majority vote; `ece_before` is the calibration error before calibration."""

    ece_before: Share | None = None


class SourceScores(Document):
    """Scores of the faces of one source; `learned`: whether its labels trained the labels head, None if unknown."""

    source: str
    n: Count
    accuracy: Share
    macro_f1: Share | None = None
    learned: bool | None = None


class FittedOn(Document):
    """What a head was calibrated on ("labels" or "votes"), and on how many validation faces."""

    what: str
    n: Count


class _Answer(Document):
    head: str = "labels"


class SplitReport(Scores, _Answer):
    """The scores of one head on one split.

    Scores "without copies" exclude faces that the network was trained on; n and accuracy are None if it is not
    known which these are, as `learned_note` explains.

    Attributes:
        head: "labels" or "people".
        n_without_copies: faces without an exact copy among the faces it was trained on.
        accuracy_without_copies: on them.
        n_on_copies: faces that it was trained on.
        accuracy_on_copies: on them.
        n_without_near_copies: faces without a near copy among them either.
        accuracy_without_near_copies: on them.
        learned_note: what is unknown about the faces it was trained on; None if nothing is.
        by_source: scores by source, if there are several.
        against_votes: scores against the majority vote, if there are votes.
        ece_before: the calibration error before calibration.
        temperature: divides the logits.
        biases: added to the logits, one per expression.
        fitted_on: what both were fitted on.
        absent_in_training: expressions without training faces; None if unknown.
        absent_in_split: expressions without faces in this split.
        people: the people head on the same faces, if the network has one.
    """

    n_without_copies: Count | None = None
    accuracy_without_copies: Share | None = None
    n_on_copies: Count | None = None
    accuracy_on_copies: Share | None = None
    n_without_near_copies: Count | None = None
    accuracy_without_near_copies: Share | None = None
    learned_note: str | None = None
    by_source: tuple[SourceScores, ...] = ()
    against_votes: VoteScores | None = None
    ece_before: Share | None = None
    temperature: Measure | None = None
    biases: tuple[FiniteFloat, ...] = ()
    fitted_on: FittedOn | None = None
    absent_in_training: tuple[Expression, ...] | None = None
    absent_in_split: tuple[Expression, ...] = ()
    people: "SplitReport | None" = None

    @property
    def says_what_was_learned(self) -> bool:
        """Whether copies are counted among all faces the network was trained on, not in the data set only."""
        return "learned_note" in self.model_fields_set

    def withhold_copies(self, note: str) -> "SplitReport":
        """The report without scores on copies, with a note that says why."""
        kinds = ("without_copies", "on_copies", "without_near_copies")
        nothing = {f"{what}_{kind}": None for kind in kinds for what in ("n", "accuracy")}
        return self.model_copy(update={**nothing, "learned_note": note})


class _Scored(Document):
    run_id: str
    dataset: str
    dataset_fingerprint: str
    split: str


class Evaluation(SplitReport, _Scored):
    """The scores of a run on any split of any data set.

    Attributes:
        run_id: whose network was scored.
        dataset: on whose faces.
        dataset_fingerprint: the version of the data set.
        split: train, val, test or all.
    """


def read_report(folder: Path) -> dict[str, SplitReport] | None:
    """The scores by split in the `report.json` of a run or of a later evaluation; None if there is none.

    Raises:
        UnreadableError: if it is damaged.
    """
    path = folder / "report.json"
    stat = stat_document(path)
    if stat is None:
        return None
    return dict(_read(path, stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=512)  # lists of runs read each report anew with every page
def _read(path: Path, mtime_ns: int, n_bytes: int) -> dict[str, SplitReport]:
    report = {split: scores for split, scores in read_document(path).items() if split in _SPLITS}
    if not report:
        raise UnreadableError(path, "it contains no scores")
    return {split: parse_document(scores, SplitReport, path) for split, scores in report.items()}
