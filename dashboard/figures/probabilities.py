"""The seven probabilities of one face."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from dashboard.theme import EXPRESSION_COLOURS, style
from fer_core.base.text import percent
from fer_core.labels import EXPRESSIONS

HEIGHT_PX = 290


@dataclass(frozen=True)
class Probability:
    """One bar: an expression and its probability, 0 to 1."""

    expression: str
    probability: float


def compute_probabilities(probs: Sequence[float] | np.ndarray) -> tuple[Probability, ...]:
    """The probabilities with their expressions, in the order of EXPRESSIONS.

    Args:
        probs: (7,), sums to 1.

    Raises:
        ValueError: if the number of probabilities is not seven.
    """
    if len(probs) != len(EXPRESSIONS):
        raise ValueError(f"expected {len(EXPRESSIONS)} probabilities, one an expression, got {len(probs)}")
    return tuple(Probability(name, float(p)) for name, p in zip(EXPRESSIONS, probs, strict=True))


def plot_probabilities(probabilities: Sequence[Probability]) -> go.Figure:
    """Horizontal bars in the colours of the expressions, the first on top, labelled with percentages."""
    values = [p.probability for p in probabilities]
    names = [p.expression for p in probabilities]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": [EXPRESSION_COLOURS[name] for name in names], "cornerradius": 4},
            text=[percent(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertext=[f"{name}: {percent(value)}" for name, value in zip(names, values, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    # To 118 %, so that the label of a full bar keeps its place inside the figure.
    figure.update_xaxes(title="probability (%)", range=[0, 1.18], tickvals=[0, 0.25, 0.5, 0.75, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    style(figure, HEIGHT_PX)
    figure.update_yaxes(showgrid=False)
    return figure.update_layout(margin_t=12, showlegend=False)
