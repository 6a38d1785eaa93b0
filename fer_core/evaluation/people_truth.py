"""Ground truth for fitting the people head: votes if there are any, else the labels of its own sources."""

import numpy as np
import pandas as pd

from fer_core.labels import INDEX
from fer_core.runs.config import TrainConfig
from fer_core.runs.masks import is_of
from fer_core.runs.report import SourceScores

VOTED, SOURCE = "voted", "source"  # columns of a run's predictions


def find_voted_index(predictions: pd.DataFrame) -> np.ndarray:
    """(N,) int64 indices of the majority vote, -1 without votes."""
    if VOTED not in predictions:
        return np.full(len(predictions), -1)
    return predictions[VOTED].map(INDEX).fillna(-1).to_numpy(np.int64)


def find_people_truth(predictions: pd.DataFrame, config: TrainConfig | None) -> tuple[np.ndarray, str]:
    """(N,) int64 target indices of the people head, -1 if unknown; and their kind.

    The kind is "votes" or, if none of these faces has votes, "labels": those of the sources whose labels trained
    the head (`people_from`).

    Args:
        predictions: of the validation faces, from `predict_split`.
        config: of the run; None if there is none, as for an ensemble of different configs.
    """
    truth = find_voted_index(predictions)
    if (truth >= 0).any() or config is None or not config.people_from:
        return truth, "votes"
    labels = predictions["expression"].map(INDEX).to_numpy(np.int64)
    if SOURCE not in predictions:  # a data set of one source: it is the one that taught
        return labels, "labels"
    return np.where(is_of(config.people_from, predictions[SOURCE]), labels, -1), "labels"


def score_sources(
    predictions: pd.DataFrame, y_true: np.ndarray, probs: np.ndarray, config: TrainConfig | None
) -> tuple[SourceScores, ...]:
    """The scores of the faces of each source; empty if all are of one.

    If the config is known, `learned` says whether the source trained the labels head.

    Args:
        predictions: predictions with their sources.
        y_true: (N,) label indices.
        probs: (N, 7).
        config: of the run.
    """
    from fer_core.evaluation.metrics import score

    if SOURCE not in predictions:
        return ()
    rows = []
    for source in predictions[SOURCE].unique():
        chosen = (predictions[SOURCE] == source).to_numpy()
        scores = score(probs[chosen], y_true[chosen])
        row = SourceScores(source=str(source), n=scores.n, accuracy=scores.accuracy, macro_f1=scores.macro_f1)
        if config is not None:
            learned = bool(is_of(config.labels_from or "all", pd.Series([source]))[0])
            row = row.model_copy(update={"learned": learned})
        rows.append(row)
    return tuple(rows)
