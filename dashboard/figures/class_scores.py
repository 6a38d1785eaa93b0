"""Precision, recall and F1 of each expression."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.theme import EXPRESSION_COLOURS, style
from fer_core.base.text import count_of, percent
from fer_core.evaluation.metrics import CLASS_SCORES, class_score
from fer_core.runs.report import ClassScores

HEIGHT_PX = 360
# Shades of the expression's own colour: its hue says which expression, its strength which measure.
MEASURES: dict[str, tuple[str, float]] = {
    "precision": ("precision", 0.25),
    "recall": ("recall", 0.6),
    "f1": ("F1", 1.0),
}


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    """One expression: its number of labelled faces, and three fractions, None where it has no faces."""

    expression: str
    n: int
    precision: float | None
    recall: float | None
    f1: float | None


def compute_class_scores(classes: Sequence[ClassScores]) -> tuple[ClassScore, ...]:
    """The scores that `report.json` has under "classes", in the order given."""
    return tuple(
        ClassScore(expression=c.expression, n=c.n, **{name: class_score(c, name) for name in CLASS_SCORES})
        for c in classes
    )


def plot_class_scores(scores: Sequence[ClassScore]) -> go.Figure:
    """Three bars per expression, pale to solid: precision, recall, F1, with the number of faces below its name."""
    names = [f"{score.expression}<br>{count_of(score.n, 'face')}" for score in scores]
    colours = [EXPRESSION_COLOURS[score.expression] for score in scores]
    figure = go.Figure()
    for field, (words, opacity) in MEASURES.items():
        values = [getattr(score, field) for score in scores]
        figure.add_bar(
            x=names,
            y=[0 if value is None else value for value in values],  # a bar of no height carries the dash
            name=words,
            marker={"color": [_fade(c, opacity) for c in colours], "line": {"color": colours, "width": 1.5}},
            text=[percent(value) for value in values] if field == "f1" else None,
            textposition="outside",
            textangle=0,
            cliponaxis=False,
            hovertext=[_explain(score, field) for score in scores],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    subtitle = "pale: precision, medium: recall, solid (with number): F1"
    figure.update_layout(title={"text": "Scores by expression", "subtitle": {"text": subtitle}}, showlegend=False)
    figure.update_yaxes(title="score (%)", range=[0, 1.06], tickformat=".0%")
    style(figure, HEIGHT_PX)
    return figure.update_layout(margin_t=64)


def _fade(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _explain(score: ClassScore, field: str) -> str:
    value, name = percent(getattr(score, field)), score.expression
    if score.n == 0:
        return f"no face is labelled {name}, so there is no {MEASURES[field][0]}"
    if field == "precision":
        return f"precision {value}<br>of the faces predicted as {name}, {value} have that label"
    if field == "recall":
        return f"recall {value}<br>of the {count_of(score.n, 'face')} labelled {name}, {value} are classified correctly"
    return f"F1 {value}<br>the harmonic mean of precision and recall for {name}"
