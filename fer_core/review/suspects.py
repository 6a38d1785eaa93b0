"""Suspected labels: confident learning on the out-of-fold probabilities of a cross-validation.

Source: Northcutt et al., Confident Learning: Estimating Uncertainty in Dataset Labels, JAIR 2021, in cleanlab.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer_core.base.extras import need_extra
from fer_core.datasets.corrections.log import Correction
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.runs.groups import Group
from fer_core.runs.predictions import PROBS, fill_digests
from fer_core.studies.kfold_scores import read_out_of_fold, write_out_of_fold


def find_suspects(dataset: Dataset, group: Group) -> pd.DataFrame:
    """One row per suspected label, least credible first.

    Columns: face_id, sha256, split, expression (its label), suggested, quality (0 to 1, the probability of the label),
    confidence (the probability of the suggestion), and PROBS. Faces that are no longer in the data set, or whose label
    has changed since the networks were trained, are not listed.

    Raises:
        InputError: if the group is not finished or not of this data set, or cleanlab is missing.
    """
    if group.info.dataset != dataset.name:
        raise InputError(
            f"{group.group_id} belongs to {group.info.dataset}, not to {dataset.name}. Choose one of its own."
        )
    path = write_out_of_fold(group)
    if path is None:
        raise InputError(
            f"{group.group_id} has not finished all its folds. Wait for it: fer kfold show {group.group_id}"
        )
    table = fill_digests(read_out_of_fold(path), group.runs[0].info if group.runs else None)
    probs = table[PROBS].to_numpy(np.float64)
    order, quality = rank_suspects(table["expression"].map(INDEX).to_numpy(np.int64), probs)
    found = (
        table.iloc[order]
        .drop(columns=["row", "fold"], errors="ignore")
        .assign(
            suggested=np.array(EXPRESSIONS, dtype=object)[probs[order].argmax(1)],
            quality=quality,
            confidence=probs[order].max(1),
        )
    )
    now = dataset.table[["face_id", "sha256", "split", "expression"]].assign(digest=dataset.digests)
    return found.merge(now, on=["face_id", "expression", "digest"], how="inner").drop(columns="digest")


def is_outdated(dataset: Dataset, group: Group) -> bool:
    """Whether the data set was assembled again after a run of the group was trained on it."""
    return any(run.fingerprint != dataset.info.fingerprint for run in group.runs)


def rank_suspects(labels: np.ndarray, probs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(order, quality): positions of the suspected labels, least credible first, and the quality of each.

    Args:
        labels: (N,) class indices.
        probs: (N, 7), of networks that were not trained on the face.
    """
    need_extra("labels", "Confident learning")
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    present, local = np.unique(labels, return_inverse=True)  # cleanlab wants every class to have a face
    shares = probs[:, present] / probs[:, present].sum(1, keepdims=True)
    order = find_label_issues(
        local, shares, return_indices_ranked_by="self_confidence", filter_by="confident_learning", n_jobs=1
    )
    # A label that the networks themselves would give is no mistake that they can help with.
    order = order[probs[order].argmax(1) != labels[order]]
    return order, get_label_quality_scores(local, shares)[order]


def accept_suspects(suspects: pd.DataFrame, group: Group, who: str) -> list[Correction]:
    """The corrections that give each of these suspected faces its suggested label; nothing is written."""
    columns: Sequence[str] = ("face_id", "sha256", "suggested", "expression", "confidence")
    return [
        Correction(
            face_id=face_id,
            sha256=sha256,
            expression=suggested,
            before=label,
            kind="confident-learning",
            who=who,
            why=group.group_id,
            confidence=float(confidence),
        )
        for face_id, sha256, suggested, label, confidence in zip(*(suspects[c] for c in columns), strict=True)
    ]
