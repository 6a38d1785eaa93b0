"""The confusion matrix: labels against predictions, with clickable cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.theme import ACCENT, DARK_INK, LIGHT_INK, style
from fer_core.base.text import count_of, percent
from fer_core.labels import EXPRESSIONS

HEIGHT_PX = 500
# One hue from nearly clear to full: the page's background shows through, so that it reads on light and on dark.
COLOUR = (27, 104, 168)
CLEAREST = 0.05  # opacity at 0
WHITE_FROM = 0.7  # fill from which on white text is the easier to read on a light page


@dataclass(frozen=True)
class Confusion:
    """Labels against predictions.

    Attributes:
        counts: rows true, columns predicted.
        shares: each count's share of its row, 0 where a row is empty.
        classes: their names.
        true_word: the word before a true class, such as "labelled" (happy).
    """

    counts: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    classes: tuple[str, ...] = EXPRESSIONS
    true_word: str = "labelled"


def compute_confusion(
    counts: Sequence[Sequence[int]] | np.ndarray, classes: Sequence[str] = EXPRESSIONS, true_word: str = "labelled"
) -> Confusion:
    """The counts with their row shares.

    Args:
        counts: (C, C), rows true, columns predicted, as in `report.json` and `fer_core.evaluation.metrics`.
        classes: C names.
        true_word: as in Confusion.

    Raises:
        ValueError: if `counts` has another shape.
    """
    array, n = np.asarray(counts), len(classes)
    if array.shape != (n, n):
        raise ValueError(f"a confusion matrix is {n} x {n}, got shape {array.shape}")
    shares = array / np.maximum(array.sum(1, keepdims=True), 1)
    return Confusion(tuple(map(tuple, array.tolist())), tuple(map(tuple, shares.tolist())), tuple(classes), true_word)


def plot_confusion(
    confusion: Confusion, normalise: bool = True, selected: tuple[int, int] | None = None, dark: bool = False
) -> go.Figure:
    """A heatmap with numbers in its cells, below transparent squares that receive clicks.

    Args:
        confusion: the counts and shares to show.
        normalise: colour and print the shares of each row, with the counts small beneath; else the counts alone.
        selected: (true, predicted) of the cell to outline.
        dark: whether the page is dark, so that the numbers are light.
    """
    shares, counts = np.array(confusion.shares), np.array(confusion.counts)
    fill = shares if normalise else counts / max(counts.max(), 1)
    figure = go.Figure(
        go.Heatmap(z=fill, zmin=0, zmax=1, colorscale=_scale(), showscale=False, hoverinfo="skip", xgap=2, ygap=2)
    )
    _add_numbers(figure, confusion, fill, normalise, DARK_INK if dark else LIGHT_INK)
    _add_click_layer(figure, confusion)
    if selected is not None:
        i, j = selected
        box = {"x0": j - 0.49, "x1": j + 0.49, "y0": i - 0.49, "y1": i + 0.49}
        figure.add_shape(type="rect", **box, line={"color": ACCENT, "width": 4})
    n = len(confusion.classes)
    ticks = {"tickvals": list(range(n)), "ticktext": list(confusion.classes), "showgrid": False}
    ends = n - 0.5
    figure.update_xaxes(title="predicted as", range=[-0.5, ends], autotickangles=[0, -45], **ticks)
    figure.update_yaxes(title="labelled as", range=[ends, -0.5], **ticks)
    figure.update_layout(title="Share of each labelled expression" if normalise else "Number of faces")
    style(figure, HEIGHT_PX)
    # No cut-off: a click anywhere in a cell goes to the nearest centre, which is that cell's own.
    return figure.update_layout(hoverdistance=-1, clickmode="event+select", showlegend=False)


def read_selected_cell(event: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """(true, predicted) of the clicked cell, or None.

    Args:
        event: what `st.plotly_chart(..., on_select="rerun", selection_mode="points")` returns or keeps in the state.
    """
    points = ((event or {}).get("selection") or {}).get("points") or []
    cells = [tuple(point["customdata"][:2]) for point in points if point.get("customdata")]
    return (int(cells[0][0]), int(cells[0][1])) if cells else None


def _scale() -> list[list[float | str]]:
    red, green, blue = COLOUR
    return [[0, f"rgba({red}, {green}, {blue}, {CLEAREST})"], [1, f"rgba({red}, {green}, {blue}, 1)"]]


def _add_numbers(figure: go.Figure, confusion: Confusion, fill: np.ndarray, normalise: bool, ink: str) -> None:
    for white in (False, True):
        cells = [(int(i), int(j)) for i, j in np.argwhere((fill >= WHITE_FROM) == white)]
        figure.add_scatter(
            x=[j for _, j in cells],
            y=[i for i, _ in cells],
            text=[_text(confusion, i, j, normalise) for i, j in cells],
            mode="text",
            textfont={"color": "white" if white else ink},
            hoverinfo="skip",
        )


def _text(confusion: Confusion, i: int, j: int, normalise: bool) -> str:
    count = confusion.counts[i][j]
    if not normalise:
        return f"{count:,}"
    share = f"{100 * confusion.shares[i][j]:.0f} %" if any(confusion.counts[i]) else "-"
    return f"{share}<br><span style='font-size:0.8em'>{count:,}</span>"


def _add_click_layer(figure: go.Figure, confusion: Confusion) -> None:
    n = len(confusion.classes)
    cells = [(i, j) for i in range(n) for j in range(n)]
    clear = {"marker": {"opacity": 0}}
    figure.add_scatter(
        x=[j for _, j in cells],
        y=[i for i, _ in cells],
        customdata=cells,
        mode="markers",
        marker={"symbol": "square", "size": 28, "opacity": 0},
        selected=clear,
        unselected=clear,
        hovertext=[_words(confusion, i, j) for i, j in cells],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _words(confusion: Confusion, i: int, j: int) -> str:
    if not any(confusion.counts[i]):
        return f"no face is {confusion.true_word} {confusion.classes[i]}"
    count, share = confusion.counts[i][j], percent(confusion.shares[i][j])
    faces = count_of(count, "face")
    end = "right" if i == j else f"predicted as {confusion.classes[j]}"
    true = f"{confusion.true_word} {confusion.classes[i]}"
    return f"{true}, {end}<br>{faces}, {share} of those {true}"
