"""The weight of each class and source in training on a data set, under every weighting of rare classes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer_core.datasets.class_weights import WEIGHTINGS, count_worth, weigh_faces
from fer_core.datasets.counts import TrainingCount
from fer_core.datasets.info import DatasetInfo
from fer_core.labels import EXPRESSIONS, INDEX

STAGES = ("n_read", "n_before", "n_after")  # of `fer_core.datasets.checks.balance.limit_training`


@dataclass(frozen=True, kw_only=True)
class ClassBalance:
    """One class of the training faces.

    Attributes:
        expression: the class.
        n_read: training faces after the split, with the sources' own labels; None if unknown.
        n_before: training faces before the limits; None if unknown.
        n_after: training faces used.
        share: of the training faces.
        effective_number: effective number of different faces.
        weights: weight of one face under each of WEIGHTINGS (1: as without weighting; for sampler, how often it
            is drawn per epoch).
    """

    expression: str
    n_read: int | None
    n_before: int | None
    n_after: int
    share: float
    effective_number: float
    weights: dict[str, float]

    @property
    def stages(self) -> tuple[int | None, int | None, int]:
        """The number of faces at each of STAGES."""
        return self.n_read, self.n_before, self.n_after


@dataclass(frozen=True, kw_only=True)
class SourceBalance:
    """One source of the training faces; fields as in ClassBalance, with its share under each of WEIGHTINGS."""

    source: str
    n_read: int | None
    n_before: int | None
    n_after: int
    shares: dict[str, float]

    @property
    def stages(self) -> tuple[int | None, int | None, int]:
        """The number of faces at each of STAGES."""
        return self.n_read, self.n_before, self.n_after


@dataclass(frozen=True, kw_only=True)
class CellBalance:
    """One class of one source; `share` is its share of the class."""

    source: str
    expression: str
    n_read: int | None
    n_before: int | None
    n_after: int
    share: float


@dataclass(frozen=True, kw_only=True)
class TrainingBalance:
    """The balance of the training faces: totals, and counts by class, by source, and by both."""

    n: int
    n_left_out: int
    classes: tuple[ClassBalance, ...]
    sources: tuple[SourceBalance, ...]
    cells: tuple[CellBalance, ...]


def describe_balance(info: DatasetInfo) -> TrainingBalance:
    """Training faces before and after, and effective weights, by class and by source.

    Args:
        info: of the data set. In one of an early version without `balance`, n_read and n_before are None.
    """
    cells = list_training(info)
    n_after = np.array([sum(cell.n_after for cell in cells if cell.expression == e) for e in EXPRESSIONS])
    weights = {name: weigh_faces(n_after, name) for name in WEIGHTINGS}
    return TrainingBalance(
        n=int(n_after.sum()),
        n_left_out=info.balance.n_left_out if info.balance else 0,
        classes=tuple(_describe_class(e, cells, n_after, weights) for e in EXPRESSIONS),
        sources=_describe_sources(cells, int(n_after.sum()), weights),
        cells=tuple(
            CellBalance(
                source=cell.source,
                expression=cell.expression,
                n_read=cell.n_read,
                n_before=cell.n_before,
                n_after=cell.n_after,
                share=_divide(cell.n_after, n_after[INDEX[cell.expression]]),
            )
            for cell in cells
        ),
    )


def list_training(info: DatasetInfo) -> tuple[TrainingCount, ...]:
    """One count per source and class of the training faces; n_read and n_before are None if not recorded."""
    if info.balance:
        return info.balance.counts
    after = {(row.source, row.expression): row.n for row in info.counts if row.split == "train"}
    return tuple(
        TrainingCount(source=part.source, expression=expression, n_after=after.get((part.source, expression), 0))
        for part in info.sources
        for expression in EXPRESSIONS
    )


def _describe_class(
    expression: str, cells: Sequence[TrainingCount], n_after: np.ndarray, weights: dict[str, np.ndarray]
) -> ClassBalance:
    i, own = INDEX[expression], [cell for cell in cells if cell.expression == expression]
    return ClassBalance(
        expression=expression,
        n_read=_sum(cell.n_read for cell in own),
        n_before=_sum(cell.n_before for cell in own),
        n_after=int(n_after[i]),
        share=_divide(n_after[i], n_after.sum()),
        effective_number=float(count_worth(n_after[i])),
        weights={name: float(of_class[i]) for name, of_class in weights.items()},
    )


def _describe_sources(
    cells: Sequence[TrainingCount], n: int, weights: dict[str, np.ndarray]
) -> tuple[SourceBalance, ...]:
    described = []
    for source in dict.fromkeys(cell.source for cell in cells):
        own = [cell for cell in cells if cell.source == source]
        shares = {
            name: _divide(sum(of_class[INDEX[cell.expression]] * cell.n_after for cell in own), n)
            for name, of_class in weights.items()
        }
        described.append(
            SourceBalance(
                source=source,
                n_read=_sum(cell.n_read for cell in own),
                n_before=_sum(cell.n_before for cell in own),
                n_after=sum(cell.n_after for cell in own),
                shares=shares,
            )
        )
    return tuple(described)


def _sum(counts: Iterable[int | None]) -> int | None:
    """The sum; None if a value is None."""
    total = 0
    for n in counts:
        if n is None:
            return None
        total += n
    return total


def _divide(part: Any, whole: Any) -> float:
    return float(part / whole) if whole else 0.0
