"""Sets of copies, one per row: clickable faces side by side, each with its label, split and source below."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from PIL import Image

from dashboard.theme import TRANSPARENT

TILE_PX, TEXT_PX, TITLE_PX = 96, 60, 34
PITCH_PX = TILE_PX + TEXT_PX + TITLE_PX
LEAST_PITCH_PX = 76  # from face to face in a row: below it the texts would run into one another


@dataclass(frozen=True)
class Tile:
    """One face: its picture, its label, and its split and source as two lines."""

    picture: Image.Image
    label: str
    place: str


@dataclass(frozen=True)
class CopySet:
    """One row of the figure: a description of the set, and those of its faces that are shown."""

    title: str
    tiles: tuple[Tile, ...]


def plot_copy_sets(sets: Sequence[CopySet], n_columns: int) -> go.Figure:
    """The rows; a click on a face selects the point whose customdata is its position, counted row by row.

    Args:
        sets: each with up to `n_columns` faces.
        n_columns: faces per row.
    """
    places = [(row, column, tile) for row, s in enumerate(sets) for column, tile in enumerate(s.tiles)]
    x = [column + 0.5 for _, column, _ in places]
    top = [row * PITCH_PX + TITLE_PX for row, _, _ in places]  # y counts px from the top
    figure = go.Figure(
        go.Scatter(
            x=x, y=[y + TILE_PX / 2 for y in top], mode="markers", customdata=list(range(len(places))),
            marker={"symbol": "square", "size": TILE_PX, "opacity": 0},
            text=[f"{tile.label}<br>{tile.place}" for *_, tile in places], hovertemplate="%{text}<extra></extra>",
            selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
        )
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[y + TILE_PX + TEXT_PX / 2 for y in top], mode="text", hoverinfo="skip",
        text=[f"<b>{tile.label}</b><br>{tile.place}" for *_, tile in places],
    )  # fmt: skip
    figure.add_scatter(
        x=[0.04] * len(sets), y=[row * PITCH_PX + TITLE_PX / 2 for row in range(len(sets))], mode="text",
        text=[s.title for s in sets], textposition="middle right", hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    for (_, column, tile), y in zip(places, top, strict=True):
        figure.add_layout_image(
            source=tile.picture, x=column + 0.5, y=y + TILE_PX, sizex=0.94, sizey=TILE_PX, xref="x", yref="y",
            xanchor="center", yanchor="bottom", sizing="contain", layer="below",
        )  # fmt: skip
    height = PITCH_PX * len(sets)
    figure.update_xaxes(visible=False, range=[0, n_columns], fixedrange=True)
    figure.update_yaxes(visible=False, range=[height, 0], fixedrange=True)
    return figure.update_layout(
        height=height, margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode=False, showlegend=False,
        clickmode="event+select", paper_bgcolor=TRANSPARENT, plot_bgcolor=TRANSPARENT,
    )  # fmt: skip
