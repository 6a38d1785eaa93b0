"""Runs side by side: accuracy on the test faces, and on those without a copy in training, with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.theme import RUN_COLOURS, show_empty, style
from fer_core.base.text import percent
from fer_core.evaluation.metrics import wilson_interval
from fer_core.runs.summary import RunSummary

MAX_TITLE = 34  # characters of a run's title on the axis; the hover text has it whole
_KINDS: tuple[tuple[str, str, str, str, float], ...] = (
    ("accuracy", "all test faces", RUN_COLOURS[0], "circle", -0.13),
    ("accuracy_without_copies", "test faces with no copy in training", RUN_COLOURS[1], "diamond", 0.13),
)


@dataclass(frozen=True)
class Interval:
    """A share of n faces and its 95 % Wilson interval, all 0 to 1."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class RunScore:
    """One run; accuracy_without_copies is None if no such face was scored."""

    title: str
    accuracy: Interval
    accuracy_without_copies: Interval | None


def compute_interval(value: float, n: int) -> Interval:
    """The share with its interval; raises as `wilson_interval`."""
    return Interval(value, *wilson_interval(value, n), n)


def compute_run_scores(scores: Mapping[str, RunSummary]) -> tuple[RunScore, ...]:
    """The accuracies of each run with their intervals, in the order given.

    Args:
        scores: run title -> the run; runs without test scores are skipped.
    """
    rows = []
    for title, score in scores.items():
        if score.accuracy is None or score.n is None:
            continue
        other, n_other = score.accuracy_without_copies, score.n_without_copies
        without = compute_interval(other, n_other) if other is not None and n_other else None
        rows.append(RunScore(title, compute_interval(score.accuracy, score.n), without))
    return tuple(rows)


def plot_run_scores(scores: Sequence[RunScore]) -> go.Figure:
    """One line per run, the first on top: a dot with its interval for each of the two accuracies."""
    height = 150 + 52 * max(len(scores), 1)
    if not scores:
        return show_empty("No run has been scored yet.", height)
    figure = go.Figure()
    for field, words, colour, symbol, shift in _KINDS:
        places = [(k + shift, s.title, getattr(s, field)) for k, s in enumerate(scores) if getattr(s, field)]
        figure.add_scatter(
            x=[i.value for _, _, i in places],
            y=[y for y, _, _ in places],
            error_x={
                "array": [i.high - i.value for _, _, i in places],
                "arrayminus": [i.value - i.low for _, _, i in places],
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11},
            name=words,
            hovertext=[_explain(title, words, i) for _, title, i in places],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    ticks = {"tickvals": list(range(len(scores))), "ticktext": [_shorten(s.title) for s in scores]}
    figure.update_yaxes(range=[len(scores) - 0.5, -0.5], **ticks)
    figure.update_xaxes(title="accuracy (%), with 95 % intervals", tickformat=".1~%")
    style(figure, height)
    figure.update_yaxes(showgrid=False)
    return figure.update_layout(margin_t=12)


def _explain(title: str, words: str, interval: Interval) -> str:
    low, high = percent(interval.low), percent(interval.high)
    return f"{title}<br>{percent(interval.value)} of {interval.n:,} {words}<br>95 % interval: {low} to {high}"


def _shorten(title: str) -> str:
    return title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"
