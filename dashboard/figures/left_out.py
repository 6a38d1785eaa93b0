"""How many faces of each source were left out for each reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import SOURCE_COLOURS, pick_colours, show_empty, style
from fer_core.data.left_out import REASONS, explain_reasons

_BAR_PX = 18


@dataclass(frozen=True)
class ReasonCounts:
    """The reasons that there are, and for each source, in their order, how many faces each of them took."""

    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def compute_reason_counts(counts: Sequence[Mapping[str, Any]], sources: Sequence[str]) -> ReasonCounts:
    """The counts of all splits together, arranged for the figure.

    Args:
        counts: [{source, split, reason, n}], as `dataset.json` holds them.
        sources: of the data set, also those that nothing was taken from.
    """
    reasons = tuple(explain_reasons(counts))
    n = {(source, reason): 0 for source in sources for reason in reasons}
    for row in counts:
        n[row["source"], row["reason"]] += row["n"]
    return ReasonCounts(reasons, tuple(sources), tuple(tuple(n[s, reason] for reason in reasons) for s in sources))


def plot_reason_counts(view: ReasonCounts) -> go.Figure:
    """Horizontal bars side by side, one colour a source; how many stands at their ends, what it means in the hover."""
    height = 90 + len(view.reasons) * (_BAR_PX * len(view.sources) + 14)
    if not view.reasons:
        return show_empty("No face was left out.", height)
    figure = go.Figure()
    colours = pick_colours(view.sources, SOURCE_COLOURS)
    for source, counts in zip(view.sources, view.counts, strict=True):
        figure.add_bar(
            x=counts,
            y=list(view.reasons),
            name=source,
            orientation="h",
            marker_color=colours[source],
            text=[f"{n:,}" if n else "" for n in counts],
            textposition="outside",
            cliponaxis=False,
            hovertext=[_describe(reason, n, source) for reason, n in zip(view.reasons, counts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    most = max(n for counts in view.counts for n in counts)
    style(figure, height).update_layout(barmode="group", showlegend=len(view.sources) > 1, margin_t=8)
    figure.update_xaxes(title="faces", range=[0, 1.15 * most], nticks=5, tickformat="~s")
    return figure.update_yaxes(autorange="reversed", showgrid=False)


def _describe(reason: str, n: int, source: str) -> str:
    faces = "1 face" if n == 1 else f"{n:,} faces"
    return f"{reason}: {faces} of {source}<br>{REASONS[reason]}"
