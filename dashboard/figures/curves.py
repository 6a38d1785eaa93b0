"""Loss or accuracy over the epochs, of one or several runs over one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go

from dashboard.theme import RUN_COLOURS, pick_colours, show_empty, style

Metric = Literal["loss", "accuracy"]
HEIGHT_PX = 360


@dataclass(frozen=True)
class Curve:
    """One run: its epochs (from 1), the metric on both splits at each, and the position of its best epoch."""

    title: str
    epochs: tuple[int, ...]
    train: tuple[float, ...]
    val: tuple[float, ...]
    best: int


@dataclass(frozen=True)
class Curves:
    """What the figure shows. Runs without an epoch are left out."""

    metric: Metric
    runs: tuple[Curve, ...]


def compute_curves(runs: Mapping[str, Sequence[Mapping[str, Any]]], metric: Metric) -> Curves:
    """The curves of every run that has finished an epoch.

    Args:
        runs: title -> lines of its metrics.jsonl; lines of another kind than "epoch" are passed over.
        metric: "loss" or "accuracy". The best epoch is the one of the highest val_accuracy in both figures, the
            earliest on ties: its weights are the ones a run keeps.
    """
    curves = []
    for title, lines in runs.items():
        epochs = [line for line in lines if line.get("kind", "epoch") == "epoch"]
        if epochs:
            accuracies = [line["val_accuracy"] for line in epochs]
            curves.append(
                Curve(
                    title=title,
                    epochs=tuple(line["epoch"] for line in epochs),
                    train=tuple(line[f"train_{metric}"] for line in epochs),
                    val=tuple(line[f"val_{metric}"] for line in epochs),
                    best=accuracies.index(max(accuracies)),
                )
            )
    return Curves(metric, tuple(curves))


def plot_curves(curves: Curves, colours: Mapping[str, str] | None = None) -> go.Figure:
    """One colour a run; validation solid, training dashed and thin, a star on the best epoch.

    Args:
        curves: what to show.
        colours: run title -> colour, for a page whose other parts give the runs colours too.
    """
    if not curves.runs:
        return show_empty("The first point comes at the end of the first epoch.", HEIGHT_PX)
    colours = colours or pick_colours([run.title for run in curves.runs], RUN_COLOURS)
    figure = go.Figure()
    for run in curves.runs:
        _add_run(figure, run, colours[run.title], curves.metric)
    figure.update_layout(
        title={
            "text": curves.metric.capitalize(),
            "subtitle": {"text": "solid: validation, dashed: training, star: best epoch"},
        }
    )
    last = max(run.epochs[-1] for run in curves.runs)
    figure.update_xaxes(title="epoch", range=[0.5, last + 0.5], tick0=1, nticks=min(last, 12) + 1, tickformat="d")
    figure.update_xaxes(unifiedhovertitle={"text": "epoch %{x}"})
    if curves.metric == "accuracy":
        figure.update_yaxes(title="share of faces that are right", tickformat=".0%")
    else:
        figure.update_yaxes(title="cross-entropy (nats a face)")
    style(figure, HEIGHT_PX, hover="x unified")
    return figure.update_layout(margin_t=64)


def _add_run(figure: go.Figure, run: Curve, colour: str, metric: Metric) -> None:
    number = "%{y:.1%}" if metric == "accuracy" else "%{y:.3f}"
    mode = "lines+markers" if len(run.epochs) == 1 else "lines"  # a line through one point is invisible
    for values, split, line in (
        (run.val, "validation", {"color": colour, "width": 2.5}),
        (run.train, "training", {"color": colour, "width": 1.2, "dash": "dash"}),
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
