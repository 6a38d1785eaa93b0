"""The colours of the dashboard and the common look of all figures. Streamlit's part is in .streamlit/config.toml."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from typing import Any, Literal

import plotly.graph_objects as go
from plotly.basedatatypes import BasePlotlyType

# Each stands out at 3:1 or better from both backgrounds (tests/dashboard/test_theme.py); to people with deuteranopia or
# protanopia any two of them were chosen at least 7 apart by CIEDE2000. The hues follow custom: anger
# is red, sadness blue, disgust green; neutral is grey.
EXPRESSION_COLOURS: dict[str, str] = {
    "angry": "#be2818",
    "disgust": "#619f77",
    "fear": "#b386b3",
    "happy": "#ea7216",
    "sad": "#025cf7",
    "surprise": "#b90789",
    "neutral": "#59665b",
}
LIGHT_BACKGROUND, DARK_BACKGROUND = "#ffffff", "#0f141b"  # as in .streamlit/config.toml
LIGHT_INK, DARK_INK = "#1b2733", "#e4eaf0"  # the text on them

SOURCE_COLOURS: tuple[str, ...] = ("#2f74b5", "#d1701f", "#2f9384", "#a35fa8", "#8b8334", "#c2536b", "#7f8790")
RUN_COLOURS: tuple[str, ...] = ("#2f7fd0", "#d1701f", "#22967a", "#b05fb8", "#8b8334", "#c9455f", "#7f8790")
ACCENT = "#d1701f"  # what is selected
MUTED = "#7f8790"  # what is there for reference: diagonals, notes
GRID = "rgba(128, 138, 150, 0.25)"  # half-transparent grey reads on white and on near-black
TRANSPARENT = "rgba(0, 0, 0, 0)"

CHART_CONFIG: dict[str, object] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["zoom2d", "pan2d", "select2d", "lasso2d", "zoomIn2d", "zoomOut2d", "autoScale2d"],
}


def pick_colours(names: Iterable[str], sequence: Sequence[str]) -> dict[str, str]:
    """name -> colour, in the order given; the sequence starts again when there are more names than colours."""
    return dict(zip(dict.fromkeys(names), cycle(sequence), strict=False))


def style(figure: go.Figure, height: int, hover: Literal["closest", "x unified"] = "closest") -> go.Figure:
    """The same figure with the dashboard's look.

    No font and no text colour is set: Streamlit's theme gives them, light or dark, and changes them with the theme.

    Args:
        figure: changed in place.
        height: of the whole figure, in px.
        hover: "x unified" shows every trace at one x together: right for curves.
    """
    look = {
        "height": height,
        "paper_bgcolor": TRANSPARENT,
        "plot_bgcolor": TRANSPARENT,
        "modebar": {"bgcolor": TRANSPARENT, "color": MUTED},  # always there on a touch screen
        "margin": {"l": 8, "r": 16, "t": 44, "b": 8},
        "hovermode": hover,
        "dragmode": False,  # a drag that zooms takes the clicks that select
        "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0, "title": None},
        "bargap": 0.3,
    }
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "fixedrange": True}
    _set(figure.layout, look)
    for each in (*figure.select_xaxes(), *figure.select_yaxes()):
        _set(each, axis)
    return figure


def _set(part: BasePlotlyType, values: Mapping[str, Any]) -> None:
    """Sets properties one by one: plotly's `update` takes twice as long, more than all else that a figure needs."""
    for name, value in values.items():
        if isinstance(value, dict):
            _set(part[name], value)
        else:
            part[name] = value


def show_empty(message: str, height: int) -> go.Figure:
    """An empty figure with a sentence that says why."""
    figure = style(go.Figure(), height)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    figure.add_annotation(text=message, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure
