"""How many sets of copies there are, by kind or by size."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from dashboard.theme import SOURCE_COLOURS, show_empty, style

HEIGHT_PX = 300
By = Literal["kind", "size"]
BY: tuple[By, ...] = ("kind", "size")
KINDS = (
    "across splits and with contradicting labels",
    "contradicting labels only",
    "across splits only",
    "one split, one label",
)
SIZES = ("2 faces", "3 faces", "4 faces", "5 to 9 faces", "10 or more")
_FROM = (2, 3, 4, 5, 10)  # the least size of each of SIZES


@dataclass(frozen=True)
class CopyCounts:
    """The bars' names, and for each the number of sets of exact copies only and of sets with near copies."""

    names: tuple[str, ...]
    exact: tuple[int, ...]
    near: tuple[int, ...]


def compute_copies(sets: pd.DataFrame, by: By = "kind") -> CopyCounts:
    """Counts the sets.

    Args:
        sets: one row per set, columns n, n_labels, n_splits and exact (`fer_core.datasets.checks.copy_sets.list_sets`).
        by: "kind" separates harmful sets: more than one label, or faces in more than one split.
    """
    names: tuple[str, ...] = KINDS if by == "kind" else SIZES
    if by == "kind":
        place = 2 * (sets["n_labels"] == 1) + (sets["n_splits"] == 1)
    else:
        place = pd.cut(sets["n"], [*_FROM, float("inf")], right=False, labels=False)
    exact, near = (
        place[of_kind].value_counts().reindex(range(len(names)), fill_value=0).tolist()
        for of_kind in (sets["exact"], ~sets["exact"])
    )
    return CopyCounts(names, tuple(exact), tuple(near))


def plot_copies(counts: CopyCounts) -> go.Figure:
    """Horizontal bars of sets, those with near copies stacked on exact ones."""
    if not sum(counts.exact) + sum(counts.near):
        return show_empty("No face has a copy here.", HEIGHT_PX)
    figure = go.Figure()
    for name, values, colour in (
        ("exact copies only", counts.exact, SOURCE_COLOURS[0]),
        ("with near copies", counts.near, SOURCE_COLOURS[1]),
    ):
        figure.add_bar(
            x=values,
            y=counts.names,
            name=name,
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: %{{x:,}} sets, {name}<extra></extra>",
        )
    totals = [a + b for a, b in zip(counts.exact, counts.near, strict=True)]
    figure.add_scatter(
        x=totals, y=counts.names, text=[f" {n:,}" for n in totals], mode="text", textposition="middle right",
        cliponaxis=False, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    figure.update_layout(barmode="stack", title="Sets of copies", legend_traceorder="normal")
    figure.update_xaxes(title="sets", range=[0, 1.15 * max(totals)], tickformat="~s", nticks=6)
    figure.update_yaxes(autorange="reversed")
    return style(figure, HEIGHT_PX).update_yaxes(showgrid=False)
