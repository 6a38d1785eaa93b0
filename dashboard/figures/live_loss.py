"""The training loss within an epoch, one point per second, while a run is training."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.theme import RUN_COLOURS, show_empty, style
from fer_core.runs.info import MetricsLine, ProgressLine

HEIGHT_PX = 260


@dataclass(frozen=True)
class LiveLoss:
    """Steps done (over all epochs), the loss and accuracy at each, and the total steps of the run."""

    steps: tuple[int, ...]
    losses: tuple[float | None, ...]
    accuracies: tuple[float | None, ...]
    n_steps: int


def compute_live_loss(lines: Sequence[MetricsLine]) -> LiveLoss:
    """The points of a run's progress lines.

    Args:
        lines: of its metrics.jsonl; lines of whole epochs are skipped.
    """
    points = [line for line in lines if isinstance(line, ProgressLine)]
    return LiveLoss(
        steps=tuple(line.step for line in points),
        losses=tuple(line.train_loss for line in points),
        accuracies=tuple(line.train_accuracy for line in points),
        n_steps=points[-1].n_steps if points else 0,
    )


def plot_live_loss(live: LiveLoss) -> go.Figure:
    """The training loss over the steps; the x axis ends at the last step of the run."""
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
            hovertemplate="step %{x:,}: loss %{y:.3f}, %{customdata:.1%} correct<extra></extra>",
        )
    )
    figure.update_layout(title="Training loss, live")
    figure.update_xaxes(title="step", range=[0, live.n_steps])
    figure.update_yaxes(title="cross-entropy (nats per face)")
    return style(figure, HEIGHT_PX)
