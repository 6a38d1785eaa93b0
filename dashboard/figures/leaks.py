"""The share of test faces that have a copy among the training faces, by expression and source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.theme import SOURCE_COLOURS, show_empty, style
from fer_core.base.text import count_of, percent
from fer_core.datasets.counts import LeakCount
from fer_core.labels import EXPRESSIONS

HEIGHT_PX = 420
MAX_WITH_NUMBERS = 4  # panels, beside which numbers at the bars find room
ALL = "all"


@dataclass(frozen=True)
class Leak:
    """Test faces of one expression (or ALL) of one source: how many, and how many have a copy in training.

    `near` includes exact copies; None if near copies were not searched for.
    """

    name: str
    n: int
    exact: int
    near: int | None


def compute_leaks(counts: Sequence[LeakCount]) -> dict[str, tuple[Leak, ...]]:
    """Source -> those of its expressions that have test faces, and all of them together.

    Args:
        counts: from `fer_core.datasets.checks.copy_sets.count_leaks`.
    """
    panels = {}
    for source in dict.fromkeys(row.source for row in counts):
        rows = [row for row in counts if row.source == source]
        rows.sort(key=lambda row: EXPRESSIONS.index(row.expression))
        near = [row.near for row in rows if row.near is not None]
        total = Leak(
            ALL,
            sum(row.n for row in rows),
            sum(row.exact for row in rows),
            sum(near) if len(near) == len(rows) else None,
        )
        panels[source] = (*(Leak(row.expression, row.n, row.exact, row.near) for row in rows), total)
    return panels


def plot_leaks(panels: Mapping[str, Sequence[Leak]]) -> go.Figure:
    """Horizontal bars, exact copies and all copies side by side, one column per source."""
    if not panels:
        return show_empty("The test split has no faces.", HEIGHT_PX)
    titles = [f"{source}: {count_of(leaks[-1].n, 'test face')}" for source, leaks in panels.items()]
    figure = make_subplots(1, len(panels), shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=titles)
    largest = 0.0
    for column, leaks in enumerate(panels.values(), start=1):
        for name, colour in (("exact", SOURCE_COLOURS[0]), ("near", SOURCE_COLOURS[1])):
            found = [(leak.name, getattr(leak, name), leak.n) for leak in leaks if getattr(leak, name) is not None]
            if found:
                figure.add_bar(
                    **_build_bars(found, name, len(panels) <= MAX_WITH_NUMBERS),
                    marker_color=colour,
                    showlegend=column == 1,
                    row=1,
                    col=column,
                )
                largest = max(largest, *(n / of for _, n, of in found))
    figure.update_xaxes(title="share of the test faces (%)", tickformat=".0%", range=[0, 1.35 * largest or 1], nticks=5)
    figure.update_yaxes(categoryorder="array", categoryarray=[*EXPRESSIONS, ALL], autorange="reversed")
    style(figure, HEIGHT_PX)
    return figure.update_yaxes(showgrid=False)


def _build_bars(found: list[tuple[str, int, int]], name: str, with_numbers: bool) -> Mapping[str, object]:
    kind = {"exact": "exact copy in training", "near": "exact or near copy in training"}[name]
    return {
        "x": [n / of for _, n, of in found],
        "y": [what for what, _, _ in found],
        "name": kind,
        "orientation": "h",
        "text": [f"{n:,} · {percent(n / of)}" for _, n, of in found],
        "textposition": "outside" if with_numbers else "none",
        "cliponaxis": False,
        "legendgroup": name,
        "hovertext": [f"{what}: {n:,} of {count_of(of, 'test face')} with an {kind}" for what, n, of in found],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }
