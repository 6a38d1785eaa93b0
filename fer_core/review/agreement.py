"""How far the sources' labels agree with the votes of several people (FER+)."""

from dataclasses import dataclass

import numpy as np

from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS, INDEX, N_EXPRESSIONS
from fer_core.sources.records import MAJORITY


@dataclass(frozen=True, kw_only=True)
class ClassAgreement:
    """One class of the sources' labels.

    Attributes:
        expression: the class.
        n: faces of it whose votes name an expression.
        agreement: share of them whose majority of votes equals the label; None for no faces.
        entropy_bits: mean over the class of each face's vote shares among the seven: 0 where all say the same, 2.81
            where each says something else; None for no faces.
    """

    expression: str
    n: int
    agreement: float | None
    entropy_bits: float | None


@dataclass(frozen=True, kw_only=True)
class VoteAgreement:
    """How far the sources' labels agree with the votes.

    Attributes:
        dataset: the data set's name.
        n: faces in `table`.
        agreement: share of them on its diagonal; None for no faces.
        table: 7 x 7 faces, rows the sources' labels, columns the majority of votes.
        outside: contempt, unknown, not-a-face or tie -> faces.
        classes: in the order of EXPRESSIONS.
    """

    dataset: str
    n: int
    agreement: float | None
    table: list[list[int]]
    outside: dict[str, int]
    classes: tuple[ClassAgreement, ...]


def compare_with_votes(dataset: Dataset) -> VoteAgreement:
    """Counts of labels by majority of votes, and the agreement by class.

    Raises:
        InputError: when the data set has no votes.
    """
    if MAJORITY not in dataset.table:
        raise InputError(
            f"{dataset.name} has no votes. Put fer2013new.csv (FER+) beside fer2013.csv and assemble it again."
        )
    faces = dataset.table[dataset.table[MAJORITY].notna()]
    label = faces["original_expression"].map(INDEX).to_numpy(np.int64)
    majority = faces[MAJORITY].map(INDEX).to_numpy(float)
    named = np.isfinite(majority)
    counts = np.zeros((N_EXPRESSIONS, N_EXPRESSIONS), np.int64)
    np.add.at(counts, (label[named], majority[named].astype(int)), 1)
    outside = faces.loc[~named, MAJORITY].value_counts()
    entropy = measure_entropy(dataset.votes[faces.index]) if dataset.votes is not None else np.array([])
    return VoteAgreement(
        dataset=dataset.name,
        n=int(counts.sum()),
        agreement=_share(int(np.trace(counts)), int(counts.sum())),
        table=counts.tolist(),
        outside={str(name): int(n) for name, n in outside.items()},
        classes=tuple(
            ClassAgreement(
                expression=expression,
                n=int(counts[i].sum()),
                agreement=_share(int(counts[i, i]), int(counts[i].sum())),
                entropy_bits=_mean(entropy[label == i]),
            )
            for i, expression in enumerate(EXPRESSIONS)
        ),
    )


def measure_entropy(shares: np.ndarray) -> np.ndarray:
    """(N,) bits of each row of (N, 7) shares, NaN where there are none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(shares == 0, 0.0, -shares * np.log2(shares))
    return bits.sum(1)


def _share(n: int, of: int) -> float | None:
    return n / of if of else None


def _mean(values: np.ndarray) -> float | None:
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else None
