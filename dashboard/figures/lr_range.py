"""The loss by learning rate in a range test."""

import plotly.graph_objects as go

from dashboard.theme import ACCENT, MUTED, RUN_COLOURS, style
from fer_core.studies.lr_range import LrRange

HEIGHT_PX = 360
_HEADROOM = 1.3  # times the loss at the start: above, the curve has blown up and would flatten all the rest


def plot_lr_range(found: LrRange) -> go.Figure:
    """Each step's loss as a faint dot, their moving median as a line, and the notable rates as vertical lines."""
    figure = go.Figure()
    figure.add_scatter(
        x=found.rates,
        y=found.losses,
        name="each batch",
        mode="markers",
        marker={"color": MUTED, "size": 4, "opacity": 0.6},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=found.rates,
        y=found.smoothed,
        name="smoothed",
        mode="lines",
        line={"color": RUN_COLOURS[0], "width": 2.5},
        hovertemplate="rate %{x:.2g}: loss %{y:.3f}<extra></extra>",
    )
    start, low = found.smoothed[0], min(found.smoothed)
    top, bottom = _HEADROOM * start, low - 0.2 * abs(start - low)
    for words, rate, colour, dash in (
        ("falls fastest", found.steepest, MUTED, "dot"),
        ("lost", found.diverged, MUTED, "dash"),
        ("suggested", found.suggested, ACCENT, "solid"),
    ):
        if rate:
            line = {"color": colour, "width": 2, "dash": dash}
            name = f"{words} {rate:.2g}"
            figure.add_scatter(x=[rate, rate], y=[bottom, top], name=name, mode="lines", line=line, hoverinfo="skip")
    figure.update_layout(title="Loss by learning rate")
    figure.update_xaxes(title="learning rate", type="log", exponentformat="power", dtick=1)
    figure.update_yaxes(title="training loss", range=[bottom, top])
    return style(figure, HEIGHT_PX)
