"""Source leakage: the source predicted for the faces of each source."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.confusion import compute_confusion, plot_confusion

_CELL_PX, _FRAME_PX = 70, 130


def plot_source_confusion(counts: Sequence[Sequence[int]], sources: Sequence[str], title: str, dark: bool) -> go.Figure:
    """The confusion matrix of the sources: shares of each row, with small counts below.

    Args:
        counts: (S, S), rows true, columns predicted.
        sources: S names.
        title: title of the figure.
        dark: whether the page is dark, so that the numbers are light.
    """
    figure = plot_confusion(compute_confusion(counts, sources, "of"), dark=dark)
    figure.update_xaxes(title="predicted source")
    figure.update_yaxes(title="of")
    return figure.update_layout(title=title, height=_CELL_PX * len(sources) + _FRAME_PX)
