"""How many faces of each expression each source contributes, in total or per split."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.theme import SOURCE_COLOURS, pick_colours, show_empty, style
from fer_core.base.text import count_of, percent
from fer_core.datasets.counts import FaceCount
from fer_core.labels import EXPRESSIONS

Scale = Literal["faces", "log", "share"]
SCALES: dict[Scale, str] = {
    "faces": "Faces, stacked",
    "log": "Faces, logarithmic",
    "share": "Share of the source",
}
_AXIS: dict[Scale, str] = {"faces": "faces", "log": "faces (log scale)", "share": "share of the source (%)"}


@dataclass(frozen=True)
class Panel:
    """One panel: its title, and the counts of each source in the order of EXPRESSIONS."""

    title: str
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class ClassCounts:
    """The sources in order, and one panel per split, or a single panel of all faces."""

    sources: tuple[str, ...]
    panels: tuple[Panel, ...]


def compute_class_counts(counts: Sequence[FaceCount], splits: Sequence[str] | None = None) -> ClassCounts:
    """The counts arranged for the figure; combinations that are not listed are 0.

    Args:
        counts: counts of the data set.
        splits: one panel for each, in this order; None puts all faces into one panel.
    """
    sources = tuple(dict.fromkeys(row.source for row in counts))
    panels = []
    for split in splits if splits is not None else (None,):
        n = dict.fromkeys(((s, e) for s in sources for e in EXPRESSIONS), 0)
        for row in counts:
            if split is None or row.split == split:
                n[row.source, row.expression] += row.n
        title = "all splits" if split is None else split
        panels.append(Panel(title, tuple(tuple(n[s, e] for e in EXPRESSIONS) for s in sources)))
    return ClassCounts(sources, tuple(panels))


def plot_class_counts(view: ClassCounts, scale: Scale = "faces") -> go.Figure:
    """Horizontal bars, one colour a source, one column a panel.

    Args:
        view: what to show.
        scale: "faces" stacks the sources, with totals; "log" and "share" put them side by side, so that a source of
            900 faces can be read beside one of 30,000 ("log": how many; "share": how balanced each is).
    """
    n_sources = len(view.sources)
    height = 420 if scale == "faces" else 130 + len(EXPRESSIONS) * (16 * n_sources + 14)
    if not sum(n for panel in view.panels for row in panel.counts for n in row):
        return show_empty("This data set has no faces.", height)
    figure = make_subplots(
        rows=1,
        cols=len(view.panels),
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[f"{panel.title}: {count_of(sum(map(sum, panel.counts)), 'face')}" for panel in view.panels],
    )
    colours = pick_colours(view.sources, SOURCE_COLOURS)
    for column, panel in enumerate(view.panels, start=1):
        for source, counts in zip(view.sources, panel.counts, strict=True):
            bars = _build_bars(source, counts, scale)
            figure.add_bar(
                **bars, marker_color=colours[source], legendgroup=source, showlegend=column == 1, row=1, col=column
            )
        if scale == "faces":
            _add_totals(figure, panel, column)
        figure.update_xaxes(**_x_axis(panel, scale), row=1, col=column)
    figure.update_layout(barmode="stack" if scale == "faces" else "group")
    figure.update_yaxes(categoryorder="array", categoryarray=EXPRESSIONS, autorange="reversed")
    style(figure, max(height, 300))
    return figure.update_yaxes(showgrid=False)


def _build_bars(source: str, counts: Sequence[int], scale: Scale) -> dict[str, object]:
    total = max(sum(counts), 1)
    shares = [n / total for n in counts]
    values = {"faces": counts, "log": [n or None for n in counts], "share": shares}[scale]
    labels = {"faces": None, "log": [f"{n:,}" for n in counts], "share": [percent(s) for s in shares]}[scale]
    return {
        "x": values,
        "y": EXPRESSIONS,
        "name": source,
        "orientation": "h",
        "text": labels,
        "textposition": "none" if labels is None else "outside",
        "cliponaxis": False,
        "hovertext": [
            f"{count_of(n, 'face')} labelled {expression} from {source}<br>{percent(share)} of this source here"
            for n, share, expression in zip(counts, shares, EXPRESSIONS, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _add_totals(figure: go.Figure, panel: Panel, column: int) -> None:
    totals = [sum(column_counts) for column_counts in zip(*panel.counts, strict=True)]
    figure.add_scatter(
        x=totals,
        y=EXPRESSIONS,
        text=[f" {n:,}" for n in totals],
        mode="text",
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=column,
    )


def _x_axis(panel: Panel, scale: Scale) -> dict[str, object]:
    """The axis of one panel, with room at its end for the labels."""
    axis: dict[str, object] = {"title": _AXIS[scale], "nticks": 5}
    if scale == "share":
        largest = max(n / max(sum(row), 1) for row in panel.counts for n in row)
        return {**axis, "range": [0, 1.25 * largest or 1], "tickformat": ".0%"}
    if scale == "log":
        digits = len(str(max(max(row) for row in panel.counts)))
        return {**axis, "type": "log", "range": [-0.3, digits + 0.4], "dtick": 1, "tickformat": ",d"}
    largest = max(sum(column) for column in zip(*panel.counts, strict=True))
    return {**axis, "range": [0, 1.25 * largest or 1], "tickformat": "~s"}
