"""Mean faces in a grid: one row per source, one column per expression."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from dashboard.theme import MUTED, style
from fer_core.base.text import count_of
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS

_TILE_PX = 96  # of the sheet's pictures
_GAP_PX = 4  # clear, round each of them
CELL_PX, FRAME_PX = 104, 84  # height of a row, and of the rest


@dataclass(frozen=True)
class MeanFaces:
    """Contents of the grid.

    Attributes:
        sheet: all mean faces in one picture, transparent where there is none.
        sources: one per row.
        counts: number of faces averaged in each cell, per source, in the order of EXPRESSIONS.
    """

    sheet: Image.Image
    sources: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def compute_mean_faces(means: np.ndarray, counts: np.ndarray, sources: Sequence[str]) -> MeanFaces:
    """The grid's picture.

    Args:
        means: (S, 7, H, W), 0 to 255, NaN where there is no face.
        counts: (S, 7).
        sources: S names.
    """
    cell = _TILE_PX + 2 * _GAP_PX
    sheet = np.zeros((len(sources) * cell, N_EXPRESSIONS * cell, 2), np.uint8)  # grey, alpha
    for i, j in np.argwhere(counts > 0):
        tile = Image.fromarray(np.rint(means[i, j]).astype(np.uint8))
        top, left = i * cell + _GAP_PX, j * cell + _GAP_PX
        place = sheet[top : top + _TILE_PX, left : left + _TILE_PX]
        place[..., 0] = np.asarray(tile.resize((_TILE_PX, _TILE_PX), Image.Resampling.BICUBIC))
        place[..., 1] = 255
    return MeanFaces(Image.fromarray(sheet, "LA"), tuple(sources), tuple(map(tuple, counts.tolist())))


def plot_mean_faces(view: MeanFaces) -> go.Figure:
    """The grid with its axes; hovering shows the number of faces, and "none" marks an empty cell."""
    n = len(view.sources)
    cells = [(i, j, view.counts[i][j]) for i in range(n) for j in range(N_EXPRESSIONS)]
    figure = go.Figure(
        go.Scatter(
            x=[j for _, j, _ in cells],
            y=[i for i, _, _ in cells],
            mode="markers+text",
            marker={"symbol": "square", "size": 60, "opacity": 0},
            text=["" if count else "none" for *_, count in cells],
            textfont={"color": MUTED},
            hovertext=[f"{view.sources[i]}, {EXPRESSIONS[j]}: {count_of(count, 'face')}" for i, j, count in cells],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    figure.add_layout_image(
        source=view.sheet, x=-0.5, y=-0.5, sizex=N_EXPRESSIONS, sizey=n, xref="x", yref="y",
        xanchor="left", yanchor="top", sizing="stretch", layer="below",
    )  # fmt: skip
    style(figure, n * CELL_PX + FRAME_PX)
    figure.update_xaxes(
        tickvals=list(range(N_EXPRESSIONS)), ticktext=list(EXPRESSIONS), range=[-0.5, N_EXPRESSIONS - 0.5],
        side="top", showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(n)), ticktext=list(view.sources), range=[n - 0.5, -0.5], showgrid=False,
        scaleanchor="x", constrain="domain", constraintoward="top",
    )  # fmt: skip
    figure.update_xaxes(constrain="domain")
    return figure.update_layout(showlegend=False)
