"""The sources' labels against the majority of votes, drawn like the confusion matrix."""

import plotly.graph_objects as go

from dashboard.figures.confusion import compute_confusion, plot_confusion
from fer_core.base.text import count_of, percent
from fer_core.labels import EXPRESSIONS


def plot_agreement(table: list[list[int]], dark: bool = False) -> go.Figure:
    """A heatmap: for each source label, the share of faces with each majority of votes.

    Args:
        table: (7, 7) counts, rows source labels, columns majorities (`fer_core.review.agreement`).
        dark: whether the page is dark, so that the numbers are light.
    """
    confusion = compute_confusion(table)
    figure = plot_confusion(confusion, dark=dark)
    figure.update_xaxes(title="majority of votes").update_yaxes(title="source label")
    words = [_describe(table[i][j], confusion.shares[i][j], i, j) for i in range(len(table)) for j in range(len(table))]
    return figure.update_traces(hovertext=words, selector={"mode": "markers"})


def _describe(n: int, share: float, i: int, j: int) -> str:
    faces = count_of(n, "face")
    return f"source {EXPRESSIONS[i]}, votes {EXPRESSIONS[j]}<br>{faces}, {percent(share)} of the label's"
