"""The progress of a search: the value of every trial, pruned ones marked, and the best value so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import MUTED, RUN_COLOURS, show_empty, style

HEIGHT_PX = 340


@dataclass(frozen=True)
class Trials:
    """A group of trials: their numbers, values (best validation accuracy, 0 to 1) and parameters as text."""

    numbers: tuple[int, ...]
    values: tuple[float, ...]
    tried: tuple[str, ...]


@dataclass(frozen=True)
class SearchHistory:
    """The points of the figure. Trials that failed, or have no epoch yet, are left out.

    Attributes:
        complete: trials trained to the end.
        pruned: trials stopped early; the value is the best until then.
        best: the highest value of a complete trial up to each of `complete`.
    """

    complete: Trials
    pruned: Trials
    best: tuple[float, ...]


def compute_search_history(trials: Sequence[Mapping[str, Any]]) -> SearchHistory:
    """The points of a search.

    Args:
        trials: as returned by summarise_search, ordered by number.
    """
    complete, pruned = (_select(trials, state) for state in ("complete", "pruned"))
    return SearchHistory(complete, pruned, tuple(accumulate(complete.values, max)))


def plot_search_history(history: SearchHistory) -> go.Figure:
    """A dot for each complete trial, a cross for each pruned one, and the best value so far as steps."""
    if not history.complete.numbers and not history.pruned.numbers:
        return show_empty("The first point appears at the end of the first trial.", HEIGHT_PX)
    figure = go.Figure()
    for trials, name, marker in (
        (history.complete, "complete", {"color": RUN_COLOURS[0], "size": 9}),
        (history.pruned, "pruned", {"color": MUTED, "size": 9, "symbol": "x"}),
    ):
        figure.add_scatter(
            x=trials.numbers,
            y=trials.values,
            customdata=trials.tried,
            mode="markers",
            marker=marker,
            name=name,
            hovertemplate="trial %{x}: %{y:.1%}<br>%{customdata}<extra></extra>",
        )
    figure.add_scatter(
        x=history.complete.numbers,
        y=history.best,
        mode="lines",
        line={"color": RUN_COLOURS[1], "width": 2, "shape": "hv"},
        name="best so far",
        hoverinfo="skip",
    )
    last = max(history.complete.numbers + history.pruned.numbers)
    figure.update_layout(title="Value by trial")
    figure.update_xaxes(title="trial", range=[-0.5, last + 0.5], nticks=min(last, 12) + 2, tickformat="d")
    limits = {"clipmin": -0.02, "clipmax": 1.02}  # around one point alone the axis would show 200 %
    figure.update_yaxes(title="best validation accuracy", tickformat=".0%", autorangeoptions=limits)
    return style(figure, HEIGHT_PX)


def describe_value(field: str, value: Any) -> str:
    """A field and its value for display: "learning rate 0.0123"."""
    words = field.replace("_", " ")
    return f"{words} {value:.4g}" if isinstance(value, float) else f"{words} {value}"


def _select(trials: Sequence[Mapping[str, Any]], state: str) -> Trials:
    shown = [trial for trial in trials if trial["state"] == state and trial["value"] is not None]
    return Trials(
        numbers=tuple(trial["trial"] for trial in shown),
        values=tuple(trial["value"] for trial in shown),
        tried=tuple("<br>".join(describe_value(*item) for item in trial["params"].items()) for trial in shown),
    )
