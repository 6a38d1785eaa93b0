"""Expressions without training faces: a network cannot learn them, and no score shows that. No torch here."""

from collections.abc import Sequence

import numpy as np

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS
from fer_core.runs.find import get_exactly
from fer_core.runs.run import Run

ABSENT = "absent_in_training"  # in run.json and, by split, in report.json
ABSENT_IN_SPLIT = "absent_in_split"  # in report.json


def find_absent(labels: np.ndarray) -> list[str]:
    """The expressions, in their order, that do not occur among the (N,) labels of the training faces."""
    counts = np.bincount(labels, minlength=N_EXPRESSIONS)
    return [expression for expression, n in zip(EXPRESSIONS, counts, strict=True) if not n]


def read_absent(run: Run) -> list[str]:
    """The expressions without training faces in the run, or in every member of the ensemble.

    Empty for runs of versions that did not record them, and for deleted members.
    """
    found: Sequence[str] | None = run.info.absent_in_training
    if found is None and run.members:
        known = []
        for member in run.members:
            try:
                known.append(set(read_absent(get_exactly(member.run_id))))
            except InputError:
                continue
        found = [expression for expression in EXPRESSIONS if known and all(expression in names for names in known)]
    return list(found or ())


def find_trained_without(runs: Sequence[Run]) -> list[str] | None:
    """The expressions that every run was trained without; None if that is unknown for one of them."""
    if not all(run.info.absent_in_training is not None or run.members for run in runs):
        return None
    each = [set(read_absent(run)) for run in runs]
    return [expression for expression in EXPRESSIONS if each and all(expression in names for names in each)]


def describe_absent(trained_without: list[str] | None, labels: np.ndarray) -> dict[str, tuple[str, ...] | None]:
    """The fields of a report on expressions without faces, in training and in the scored split.

    Args:
        trained_without: the result of `find_trained_without`.
        labels: (N,) labels of the scored faces.
    """
    return {
        ABSENT: None if trained_without is None else tuple(trained_without),
        ABSENT_IN_SPLIT: tuple(find_absent(labels)),
    }


def explain_absent(absent: Sequence[str]) -> str:
    """The warning shown with the scores of such a network; "" if every expression has training faces."""
    if not absent:
        return ""
    names = f"{', '.join(absent[:-1])} or {absent[-1]}" if len(absent) > 1 else absent[0]
    return (
        f"No training face is labelled {names}, so the network cannot learn to recognise "
        f"{'these expressions' if len(absent) > 1 else 'this expression'}, and its scores for "
        f"{'them' if len(absent) > 1 else 'it'} are meaningless."
    )
