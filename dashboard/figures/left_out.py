"""How many faces of each source were excluded for each reason."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.stacked_bars import plot_stacked_bars
from dashboard.theme import show_empty
from fer_core.base.text import count_of
from fer_core.datasets.assembling.left_out import REASONS, explain_reasons
from fer_core.datasets.counts import LeftOutCount


@dataclass(frozen=True)
class ReasonCounts:
    """The reasons that occur, and for each source the number of faces excluded for each of them."""

    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def compute_reason_counts(counts: Sequence[LeftOutCount], sources: Sequence[str]) -> ReasonCounts:
    """The counts of all splits together, arranged for the figure.

    Args:
        counts: [{source, split, reason, n}], as in `dataset.json`.
        sources: all sources of the data set, including those without excluded faces.
    """
    reasons = tuple(explain_reasons(counts))
    n = {(source, reason): 0 for source in sources for reason in reasons}
    for row in counts:
        n[row.source, row.reason] += row.n
    return ReasonCounts(reasons, tuple(sources), tuple(tuple(n[s, reason] for reason in reasons) for s in sources))


def plot_reason_counts(view: ReasonCounts) -> go.Figure:
    """Horizontal stacked bars, one colour per source, totals at their ends, meanings of reasons on hover."""
    height = 110 + 36 * len(view.reasons)
    if not view.reasons:
        return show_empty("No face was excluded.", height)
    return plot_stacked_bars(view.reasons, dict(zip(view.sources, view.counts, strict=True)), _describe, height)


def _describe(reason: str, source: str, n: int) -> str:
    return f"{reason}: {count_of(n, 'face')} of {source}<br>{REASONS[reason]}"
