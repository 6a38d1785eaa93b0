"""The training loss inside an epoch, a point a second, while a run is going."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import RUN_COLOURS, show_empty, style

HEIGHT_PX = 260


@dataclass(frozen=True)
class LiveLoss:
    """Steps done (over all epochs), the loss and accuracy there, and the steps of the whole training."""

    steps: tuple[int, ...]
    losses: tuple[float, ...]
    accuracies: tuple[float, ...]
    n_steps: int


def compute_live_loss(lines: Sequence[Mapping[str, Any]]) -> LiveLoss:
    """The points of a run's progress lines.

    Args:
        lines: of its metrics.jsonl; lines of another kind than "progress" are passed over.
    """
    points = [line for line in lines if line.get("kind", "progress") == "progress"]
    return LiveLoss(
        steps=tuple(line["step"] for line in points),
        losses=tuple(line["train_loss"] for line in points),
        accuracies=tuple(line["train_accuracy"] for line in points),
        n_steps=points[-1]["n_steps"] if points else 0,
    )


def plot_live_loss(live: LiveLoss) -> go.Figure:
    """The training loss over the steps; the x axis ends where the training will."""
    if not live.steps:
        return show_empty("Waiting for the first step.", HEIGHT_PX)
    figure = go.Figure(
        go.Scatter(
            x=live.steps,
            y=live.losses,
            customdata=live.accuracies,
            mode="lines+markers",
            line={"color": RUN_COLOURS[0], "width": 2},
            marker={"size": 4},
            hovertemplate="step %{x:,}: loss %{y:.3f}, %{customdata:.1%} right<extra></extra>",
        )
    )
    figure.update_layout(title="Training loss, live")
    figure.update_xaxes(title="step", range=[0, live.n_steps])
    figure.update_yaxes(title="cross-entropy (nats a face)")
    return style(figure, HEIGHT_PX)
