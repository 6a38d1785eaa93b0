"""Which network of a teacher classifies which face, and a warning if it was trained on that face. No torch."""

from collections.abc import Sequence

import numpy as np

from fer_core.base.text import count_of
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.runs.groups import Group
from fer_core.runs.origins.learned import to_numbers
from fer_core.runs.origins.lineage import find_learned
from fer_core.runs.origins.teachers import KFOLD, Teacher, find_cross_fitted, list_networks
from fer_core.runs.run import Run


def assign_faces(teacher: Teacher, digests: np.ndarray) -> list[tuple[Run, np.ndarray]]:
    """Each network of a teacher with (n,) bool: the faces that it classifies.

    A run classifies all of them. In a cross-validation, each face is classified by the network not trained on it, that
    of the fold that left it out; by all networks if none was trained on it, as for another data set, or if all were.

    Args:
        teacher: a run or a cross-validation.
        digests: (n,) digests of the faces (`Dataset.digests`).

    Raises:
        InputError: if a fold has not finished, or the training faces of one are unknown.
    """
    networks = list_networks(teacher)
    if isinstance(teacher, Run):
        return [(teacher, np.ones(len(digests), bool))]
    new = np.stack([~_mark_known(run, digests) for run in networks])  # (K, n)
    new[:, ~new.any(0)] = True
    return list(zip(networks, new, strict=True))


def explain_learned(teachers: Sequence[Teacher], dataset: Dataset) -> list[str]:
    """A warning for each teacher that was itself trained on the training faces, with a better teacher if there is one.

    Args:
        teachers: runs and cross-validations; there are no warnings for the latter.
        dataset: its training faces are those of the student.
    """
    digests = dataset.digests[dataset.rows("train")]
    sentences: list[str] = []
    for teacher in teachers:
        if isinstance(teacher, Group):
            continue
        learned = find_learned(teacher)
        n = int(np.isin(to_numbers(digests), learned.faces[:, 0]).sum())
        if learned.is_known and not n:
            continue
        other = find_cross_fitted(dataset.name, dataset.info.fingerprint)
        known = (
            f"was trained on {n:,} of the {count_of(len(digests), 'training face')}"
            if learned.is_known
            else "may have been trained on the training faces (which faces it was trained on is not known)"
        )
        better = (
            f": the cross-validation {KFOLD}{other.group_id} has a network for each face that was not trained on it."
            if other
            else "; a cross-validation (fer kfold) would have a network for each face that was not trained on it."
        )
        sentences.append(
            f"The teacher {teacher.run_id} {known}, so it is more confident on them than on new faces{better}"
        )
    return sentences


def _mark_known(run: Run, digests: np.ndarray) -> np.ndarray:
    learned = find_learned(run)
    if not learned.is_known:
        raise InputError(
            f"teacher: {learned.note} A cross-validation can teach only where that is known. Choose another teacher."
        )
    return np.isin(to_numbers(digests), learned.faces[:, 0])
