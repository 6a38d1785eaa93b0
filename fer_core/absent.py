"""Expressions without a training face: a network cannot learn them, and no score shows it. No torch here."""

from collections.abc import Sequence

import numpy as np

from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS
from fer_core.runs import Run, get_exactly

ABSENT = "absent_in_training"  # in run.json


def find_absent(labels: np.ndarray) -> list[str]:
    """The expressions, in their order, that none of the (N,) labels of training faces is."""
    counts = np.bincount(labels, minlength=N_EXPRESSIONS)
    return [expression for expression, n in zip(EXPRESSIONS, counts, strict=True) if not n]


def read_absent(run: Run) -> list[str]:
    """The expressions that the run, or every member of the ensemble, was trained without.

    Nothing for a run of a version that did not keep them, nor for members that were deleted.
    """
    found = run.info.get(ABSENT)
    if found is None and run.members:
        known = []
        for member in run.members:
            try:
                known.append(set(read_absent(get_exactly(member["run_id"]))))
            except InputError:
                continue
        found = [expression for expression in EXPRESSIONS if known and all(expression in names for names in known)]
    return list(found or ())


def explain_absent(absent: Sequence[str]) -> str:
    """The sentence that stands wherever such a network's scores do; "" where every expression has training faces."""
    if not absent:
        return ""
    names = f"{', '.join(absent[:-1])} or {absent[-1]}" if len(absent) > 1 else absent[0]
    return (
        f"No training face shows {names}: the network cannot learn to recognise "
        f"{'these expressions' if len(absent) > 1 else 'this expression'}, and its predictions of "
        f"{'them' if len(absent) > 1 else 'it'} mean nothing."
    )
