"""Loss or accuracy over the epochs, for one or several runs overlaid, with the gap between training and validation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from dashboard.theme import MUTED, RUN_COLOURS, pick_colours, show_empty, style
from fer_core.runs.diagnosis import read_gap
from fer_core.runs.info import EpochLine
from fer_core.runs.run import find_best

Metric = Literal["loss", "accuracy"]
HEIGHT_PX = 360


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One run: its epochs, the metric on both splits at each, and the position of its best epoch.

    Attributes:
        title: of the run.
        epochs: from 1.
        train: on training faces as they are, None for an epoch that did not score them so; on augmented faces,
            during the steps, for a run of which no epoch did.
        val: on the validation faces.
        best: position of the epoch whose weights are kept.
        augmented: whether `train` is of augmented faces; such a curve says nothing of the gap.
        gap: how far training is ahead of validation at the best epoch, or None.
    """

    title: str
    epochs: tuple[int, ...]
    train: tuple[float | None, ...]
    val: tuple[float, ...]
    best: int
    augmented: bool
    gap: float | None


@dataclass(frozen=True)
class Curves:
    """The curves of the figure. Runs without a finished epoch are left out."""

    metric: Metric
    runs: tuple[Curve, ...]


def compute_curves(runs: Mapping[str, Sequence[EpochLine]], metric: Metric) -> Curves:
    """The curves of every run that has finished an epoch.

    Args:
        runs: title -> its epochs.
        metric: "loss" or "accuracy". The best epoch is the same in both figures.
    """
    curves = []
    for title, epochs in runs.items():
        if epochs:
            curves.append(_compute_curve(title, epochs, metric))
    return Curves(metric, tuple(curves))


def _compute_curve(title: str, epochs: Sequence[EpochLine], metric: Metric) -> Curve:
    clean = [getattr(line, f"train_clean_{metric}") for line in epochs]
    augmented = all(value is None for value in clean)
    train = [getattr(line, f"train_{metric}") for line in epochs] if augmented else clean
    val = [getattr(line, f"val_{metric}") for line in epochs]
    best = find_best(epochs)
    return Curve(
        title=title,
        epochs=tuple(line.epoch for line in epochs),
        train=tuple(train),
        val=tuple(val),
        best=best,
        augmented=augmented,
        gap=read_gap(epochs[best], metric),
    )


def plot_curves(curves: Curves, colours: Mapping[str, str] | None = None) -> go.Figure:
    """One colour a run; validation solid, training dashed and thin, a star on the best epoch.

    With one run the gap at its best epoch is drawn and named; several would lie over one another.

    Args:
        curves: what to show.
        colours: run title -> colour, for a page whose other parts give the runs colours too.
    """
    if not curves.runs:
        return show_empty("The first point appears at the end of the first epoch.", HEIGHT_PX)
    colours = colours or pick_colours([run.title for run in curves.runs], RUN_COLOURS)
    figure = go.Figure()
    for run in curves.runs:
        _add_run(figure, run, colours[run.title], curves.metric)
    augmented = any(run.augmented for run in curves.runs)
    training = "training (dotted: on augmented faces)" if augmented else "training"
    gap = _mark_gap(figure, curves.runs[0], curves.metric) if len(curves.runs) == 1 else ""
    figure.update_layout(
        title={
            "text": curves.metric.capitalize(),
            "subtitle": {"text": f"solid: validation, dashed: {training}, star: best epoch{gap}"},
        }
    )
    last = max(run.epochs[-1] for run in curves.runs)
    figure.update_xaxes(title="epoch", range=[0.5, last + 0.5], tick0=1, nticks=min(last, 12) + 1, tickformat="d")
    figure.update_xaxes(unifiedhovertitle={"text": "epoch %{x}"})
    if curves.metric == "accuracy":
        figure.update_yaxes(title="accuracy", tickformat=".0%")
    else:
        figure.update_yaxes(title="cross-entropy (nats per face)")
    style(figure, HEIGHT_PX, hover="x unified")
    return figure.update_layout(margin_t=64)


def _mark_gap(figure: go.Figure, run: Curve, metric: Metric) -> str:
    """Joins training and validation at the best epoch, and returns words for the gap; none where it is not known."""
    train = run.train[run.best]
    if run.gap is None or train is None:
        return ""
    x = run.epochs[run.best]
    line = {"color": MUTED, "width": 2, "dash": "dot"}
    figure.add_shape(type="line", x0=x, x1=x, y0=run.val[run.best], y1=train, line=line)
    return f", gap {100 * run.gap:.1f} points" if metric == "accuracy" else f", gap {run.gap:.3f}"


def _add_run(figure: go.Figure, run: Curve, colour: str, metric: Metric) -> None:
    number = "%{y:.1%}" if metric == "accuracy" else "%{y:.3f}"
    mode = "lines+markers" if len(run.epochs) == 1 else "lines"  # a line through one point is invisible
    for values, split, line in (
        (run.val, "validation", {"color": colour, "width": 2.5}),
        (run.train, "training", {"color": colour, "width": 1.2, "dash": "dot" if run.augmented else "dash"}),
    ):
        figure.add_scatter(
            x=run.epochs,
            y=values,
            name=run.title,
            mode=mode,
            line=line,
            legendgroup=run.title,
            showlegend=split == "validation",
            hovertemplate=f"{run.title}, {split}: {number}<extra></extra>",
        )
    figure.add_scatter(
        x=[run.epochs[run.best]],
        y=[run.val[run.best]],
        name=f"{run.title}, best epoch",
        mode="markers",
        marker={"symbol": "star", "size": 14, "color": colour, "line": {"color": "white", "width": 1}},
        legendgroup=run.title,
        showlegend=False,
        hoverinfo="skip",
    )
