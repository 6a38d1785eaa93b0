"""Calibration of the network: a reliability diagram above a histogram of confidence."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.theme import MUTED, RUN_COLOURS, show_empty, style
from fer_core.base.text import count_of, percent
from fer_core.evaluation.metrics import N_BINS, expected_calibration_error

HEIGHT_PX = 460


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Faces with confidence in [low, high): their number, mean confidence and accuracy."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Confidence:
    """The non-empty bins, the number of faces, and the expected calibration error (0 to 1)."""

    bins: tuple[Bin, ...]
    n: int
    ece: float


def compute_confidence(probs: np.ndarray, y_true: np.ndarray) -> Confidence:
    """The bins of `fer_core.evaluation.metrics.expected_calibration_error`, and that error.

    Args:
        probs: (N, 7), rows sum to 1.
        y_true: (N,) indices into EXPRESSIONS.
    """
    confidence, hit = probs.max(1), probs.argmax(1) == y_true
    place = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    bins = tuple(
        Bin(
            low=k / N_BINS,
            high=(k + 1) / N_BINS,
            n=int((place == k).sum()),
            confidence=float(confidence[place == k].mean()),
            accuracy=float(hit[place == k].mean()),
        )
        for k in np.unique(place).tolist()
    )
    return Confidence(bins, len(y_true), expected_calibration_error(probs, y_true))


def plot_confidence(confidence: Confidence) -> go.Figure:
    """Above: accuracy in each confidence bin, with the diagonal; below: the share of faces in each bin."""
    if not confidence.bins:
        return show_empty("There are no faces to measure confidence on.", HEIGHT_PX)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.72, 0.28], vertical_spacing=0.06)
    bins = confidence.bins
    words = [
        f"confidence {percent(b.low)} to {percent(b.high)}: "
        + count_of(b.n, "face")
        + f"<br>mean confidence {percent(b.confidence)}, accuracy {percent(b.accuracy)}"
        for b in bins
    ]
    shares = [b.n / confidence.n for b in bins]
    for row, values, colour in ((1, [b.accuracy for b in bins], RUN_COLOURS[0]), (2, shares, MUTED)):
        figure.add_bar(
            x=[(b.low + b.high) / 2 for b in bins],
            y=values,
            width=0.9 / N_BINS,
            marker_color=colour,
            hovertext=words,
            hovertemplate="%{hovertext}<extra></extra>",
            row=row,
            col=1,
        )
    diagonal = {"color": MUTED, "width": 2, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=diagonal, hoverinfo="skip", row=1, col=1)
    subtitle = f"calibration error {percent(confidence.ece)}, n = {confidence.n:,}; dashed: confidence equals accuracy"
    figure.update_layout(title={"text": "Confidence and accuracy", "subtitle": {"text": subtitle}})
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_xaxes(title="confidence (%)", row=2, col=1)
    figure.update_yaxes(title="accuracy (%)", range=[0, 1], tickformat=".0%", row=1, col=1)
    figure.update_yaxes(title="faces (%)", tickformat=".0%", nticks=4, row=2, col=1)
    style(figure, HEIGHT_PX)
    return figure.update_layout(margin_t=64, showlegend=False)
