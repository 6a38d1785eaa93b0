"""Training faces of each expression before and after the limits, and the weight of each face in training."""

from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard.theme import MUTED, SOURCE_COLOURS, pick_colours, show_empty, style
from fer_core.base.text import count_of
from fer_core.datasets.checks.class_balance import TrainingBalance
from fer_core.labels import EXPRESSIONS

HEIGHT = 440
_TIMES = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300)  # ticks that stay apart on a phone
_PALE = 0.35  # of a bar whose faces were left out
# A choice of the training -> what it is called here, its symbol and its colour; the sampler draws as often, on average,
# as class_weights weighs.
_CHOICES = {
    "class_weights": ("class weights, or sampler", "circle", SOURCE_COLOURS[3]),
    "effective_number": ("effective number", "diamond-open", SOURCE_COLOURS[4]),
}


@dataclass(frozen=True)
class Balance:
    """The training faces, in the order of EXPRESSIONS.

    Attributes:
        after: source -> faces.
        left_out: source -> faces over its limit.
        read: faces with the sources' labels; None if unknown.
        weights: setting of `balance` -> weight of a face; None for a class without faces.
    """

    after: dict[str, tuple[int, ...]]
    left_out: dict[str, tuple[int, ...]]
    read: tuple[int, ...] | None
    weights: dict[str, tuple[float | None, ...]]


def compute_balance(found: TrainingBalance) -> Balance:
    """The part of `fer_core.datasets.checks.class_balance.describe_balance` that the figure shows."""
    cells = {(cell.source, cell.expression): cell for cell in found.cells}
    after, left_out = {}, {}
    for source in (part.source for part in found.sources):
        own = [cells[source, expression] for expression in EXPRESSIONS]
        after[source] = tuple(cell.n_after for cell in own)
        left_out[source] = tuple((cell.n_before or cell.n_after) - cell.n_after for cell in own)
    read = tuple(c.n_read for c in found.classes if c.n_read is not None)
    weights = {name: tuple(c.weights[name] or None for c in found.classes) for name in _CHOICES}
    return Balance(after, left_out, read if len(read) == len(found.classes) else None, weights)


def plot_balance(view: Balance) -> go.Figure:
    """Left, bars stacked by source, pale where left out, with a line where the class stood before labels changed.

    Right, what a face of the class weighs under each choice of the training, on a logarithmic axis.
    """
    if not sum(map(sum, view.after.values())):
        return show_empty("This data set has no training faces.", HEIGHT)
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        column_widths=[0.6, 0.4],
        horizontal_spacing=0.04,
        subplot_titles=["training faces", "weight per face"],
    )
    colours = pick_colours(view.after, SOURCE_COLOURS)
    for pale, counts in ((False, view.after), (True, view.left_out)):
        for source, n in counts.items():
            if any(n) or not pale:
                _add_bars(figure, source, n, colours[source], pale)
    labelled = tuple(map(sum, zip(*view.after.values(), *view.left_out.values(), strict=True)))
    if view.read and view.read != labelled:
        _add_read(figure, view.read)
    for name, weights in view.weights.items():
        _add_weights(figure, name, weights)
    figure.add_vline(x=1, line={"color": MUTED, "dash": "dot", "width": 1}, row=1, col=2)
    figure.update_layout(barmode="stack")
    figure.update_yaxes(categoryorder="array", categoryarray=EXPRESSIONS, autorange="reversed")
    end = 1.05 * max(*labelled, *(view.read or ()))
    figure.update_xaxes(title="faces", tickformat="~s", nticks=6, range=[0, end], row=1, col=1)
    figure.update_xaxes(title="times (log scale)", type="log", tickvals=_TIMES, tickformat="~g", row=1, col=2)
    style(figure, HEIGHT).update_layout(legend_traceorder="normal")
    return figure.update_yaxes(showgrid=False)


def _add_bars(figure: go.Figure, source: str, counts: tuple[int, ...], colour: str, pale: bool) -> None:
    figure.add_bar(
        x=counts,
        y=EXPRESSIONS,
        orientation="h",
        name=source,
        legendgroup=source,
        showlegend=not pale,
        marker={"color": colour, "opacity": _PALE if pale else 1},
        hovertext=[
            f"{count_of(n, 'face')} of {source} labelled {expression}{', excluded by its limit' if pale else ''}"
            for n, expression in zip(counts, EXPRESSIONS, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        row=1,
        col=1,
    )


def _add_read(figure: go.Figure, read: tuple[int, ...]) -> None:
    figure.add_scatter(
        x=read,
        y=EXPRESSIONS,
        mode="markers",
        name="with the sources' labels",
        marker={"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": MUTED}},
        hovertext=[
            f"{count_of(n, 'face')} are {expression} by their source's label"
            for n, expression in zip(read, EXPRESSIONS, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        row=1,
        col=1,
    )


def _add_weights(figure: go.Figure, choice: str, weights: tuple[float | None, ...]) -> None:
    name, symbol, colour = _CHOICES[choice]
    figure.add_scatter(
        x=weights,
        y=EXPRESSIONS,
        mode="markers",
        name=name,
        marker={"symbol": symbol, "size": 11, "color": colour, "line_width": 2},
        hovertext=[
            f"{name}: a face labelled {expression} is weighted {weight or 0:.2f} times"
            for weight, expression in zip(weights, EXPRESSIONS, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        row=1,
        col=2,
    )
