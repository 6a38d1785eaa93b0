"""What a run's network answered for the faces that it did not train on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.files import read_table
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import LOGITS, Head
from fer_core.models.probabilities import softmax

PROBS = [f"prob_{expression}" for expression in EXPRESSIONS]


@dataclass(frozen=True)
class Predictions:
    """A run's predictions for one split; made by `Run.predictions`.

    Attributes:
        table: one row a face, the most confident prediction first. Columns: face_id, expression (the label), predicted,
            confidence (the probability of `predicted`), prob_<expression>, and, where it is known, copy_in_train.

    Example:
        >>> predictions = fer.list_runs()[0].predictions("test")
        >>> predictions.table.columns[:4].tolist()
        ['face_id', 'expression', 'predicted', 'confidence']
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


def read_answers(folder: Path, split: str, head: Head = "labels") -> Predictions:
    """What a run's network answered when the run finished.

    Args:
        folder: of the run, or of its later evaluation.
        split: "val" or "test".
        head: whose answers are read.

    Raises:
        InputError: before the run has finished, without such a split or head, or when the file is damaged.
    """
    path, run_id = folder / "predictions.parquet", folder.name
    if not path.is_file():
        raise InputError(f"{run_id} has no predictions yet. Wait for it to finish, or choose another run.")
    stored = read_table(path, "face_id", "split", "expression")
    if split not in (splits := list(stored["split"].unique())):
        raise InputError(f"{run_id} has no predictions for {split!r}. Choose one of: {', '.join(splits)}.")
    if not set(LOGITS[head]) <= set(stored):
        raise InputError(
            f"{run_id} has no {head} head. Choose the labels head, or fit one with fer runs add-people-head."
        )
    stored = stored[stored["split"] == split]
    probs = softmax(stored[LOGITS[head]].to_numpy(np.float64))
    table = pd.DataFrame(
        {
            "face_id": stored["face_id"],
            "expression": stored["expression"],
            "predicted": np.array(EXPRESSIONS, object)[probs.argmax(1)],
            "confidence": probs.max(1),
            **dict(zip(PROBS, probs.T, strict=True)),
            **{name: stored[name] for name in ("copy_in_train", "near_copy_in_train") if name in stored},
        }
    )
    return Predictions(table.sort_values("confidence", ascending=False, kind="stable", ignore_index=True))
