"""`predictions.parquet` of a run or of a later evaluation: one row per held-out face. The only module that reads it.

Columns: face_id, digest (the first 16 digits of its sha256), split, expression, and the logits of each head (LOGITS);
source, voted, copy_in_train and near_copy_in_train where known (`fer_core.evaluation.report.predict_split`).
Earlier versions stored names without digests; a name can refer to another face once a source is reordered.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.columns import check_choices, check_numbers, check_texts
from fer_core.base.files import read_table, write_atomic
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import LOGITS, Head
from fer_core.models.probabilities import softmax
from fer_core.runs.info import RunInfo

PREDICTIONS = "predictions.parquet"
PROBS = [f"prob_{expression}" for expression in EXPRESSIONS]


def has_predictions(folder: Path) -> bool:
    """Whether the folder of a run or of an evaluation has predictions."""
    return (folder / PREDICTIONS).exists()


def write_predictions(folder: Path, table: pd.DataFrame) -> None:
    """Writes the file atomically."""
    write_atomic(folder / PREDICTIONS, lambda temporary: table.to_parquet(temporary, index=False))


def read_predictions(folder: Path) -> pd.DataFrame:
    """The stored predictions in the folder of a run or of a later evaluation.

    Raises:
        FileNotFoundError: if there are none.
        UnreadableError: if the file is damaged.
    """
    path = folder / PREDICTIONS
    table = read_table(path, "face_id", "split", "expression", *LOGITS["labels"])
    check_texts(table, ("face_id", "split"), path)
    check_choices(table, "expression", EXPRESSIONS, path)
    check_numbers(table, [name for head in LOGITS.values() for name in head if name in table], path)
    return table


def get_probs(table: pd.DataFrame, head: Head = "labels") -> np.ndarray:
    """(N, 7) float64 probabilities of the head."""
    return softmax(table[LOGITS[head]].to_numpy(np.float64))


def add_answers(table: pd.DataFrame, head: Head = "labels") -> pd.DataFrame:
    """The table with predicted (an expression), confidence (its probability) and PROBS of that head."""
    probs = get_probs(table, head)
    predicted = np.array(EXPRESSIONS, dtype=object)[probs.argmax(1)]
    answers = table.assign(predicted=predicted, confidence=probs.max(1))
    answers[PROBS] = probs
    return answers


@dataclass(frozen=True)
class Predictions:
    """A run's predictions for one split, as returned by `Run.predictions`.

    Attributes:
        table: one row per face, most confident prediction first. Columns: face_id, digest (of its pixels, for
            `Dataset.find_rows` and `fer.correct_label`: after the data set is assembled again a name can belong to
            another face; "" if it is not known), expression (the label), predicted, confidence (the probability of
            `predicted`), prob_<expression> and, if known, copy_in_train.

    Example:
        >>> predictions = fer.list_runs()[0].predictions("test")
        >>> predictions.table.columns[:4].tolist()
        ['face_id', 'digest', 'expression', 'predicted']
        >>> len(predictions)
        42
    """

    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)

    @property
    def probs(self) -> np.ndarray:
        """(N, 7) probabilities in the order of EXPRESSIONS, one row for each row of `table`."""
        return self.table[PROBS].to_numpy()

    def mistakes(self) -> pd.DataFrame:
        """The rows of `table` whose prediction differs from the label, the most confident first.

        Example:
            >>> mistakes = fer.list_runs()[0].predictions("test").mistakes()
            >>> bool((mistakes["predicted"] != mistakes["expression"]).all())
            True
        """
        return self.table[self.table["predicted"] != self.table["expression"]].reset_index(drop=True)


def read_answers(folder: Path, split: str, head: Head = "labels", info: RunInfo | None = None) -> Predictions:
    """The predictions of a run's network at the end of the run.

    Args:
        folder: of the run, or of a later evaluation.
        split: "val" or "test".
        head: the head whose predictions are read.
        info: of the run, for digests that an earlier version did not store (`fill_digests`).

    Raises:
        InputError: if the run has not finished, lacks that split or head, or the file is damaged.
    """
    if not has_predictions(folder):
        raise InputError(f"{folder.name} has no predictions yet. Wait until it finishes, or choose another run.")
    if head not in LOGITS:
        raise InputError(f"Unknown head {head!r}: choose one of {', '.join(LOGITS)}.")
    stored = read_predictions(folder)
    if split not in (splits := list(stored["split"].unique())):
        raise InputError(f"{folder.name} has no predictions for {split!r}. Choose one of: {', '.join(splits)}.")
    if not set(LOGITS[head]) <= set(stored):
        raise InputError(
            f"{folder.name} has no {head} head. Choose the labels head, or fit one with fer runs add-people-head."
        )
    table = fill_digests(add_answers(stored[stored["split"] == split], head), info)
    marks = [name for name in ("copy_in_train", "near_copy_in_train") if name in table]
    columns = ["face_id", "digest", "expression", "predicted", "confidence", *PROBS, *marks]
    return Predictions(table[columns].sort_values("confidence", ascending=False, kind="stable", ignore_index=True))


def fill_digests(table: pd.DataFrame, info: RunInfo | None) -> pd.DataFrame:
    """The table with the column `digest`, as `fer_core.datasets.dataset.Dataset.digests` has it.

    If it was not stored, it is that of the face with this name if the data set is the version that was
    predicted; otherwise it is "", which no face has, so that no other face is taken for it.

    Args:
        table: one row per face, with the column face_id.
        info: of the run; None if it no longer exists.
    """
    if "digest" in table:
        return table
    digests = np.full(len(table), "", dtype=object)
    if info is None:
        return table.assign(digest=digests)
    try:
        dataset = open_dataset(info.dataset)
    except InputError:
        return table.assign(digest=digests)
    if dataset.info.fingerprint == info.dataset_fingerprint:
        rows = dataset.find_rows(table["face_id"])
        digests = np.where(rows >= 0, dataset.digests[rows], "")
    return table.assign(digest=digests)
