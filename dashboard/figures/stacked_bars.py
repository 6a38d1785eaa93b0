"""Horizontal bars of counts, stacked by source: shared by the charts of flags and of reasons."""

from collections.abc import Callable, Mapping, Sequence

import plotly.graph_objects as go

from dashboard.theme import SOURCE_COLOURS, pick_colours, style


def plot_stacked_bars(
    labels: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    describe: Callable[[str, str, int], str],
    height: int,
) -> go.Figure:
    """One stacked bar per label, one colour per source, with totals at their ends.

    Args:
        labels: from top to bottom.
        counts: source -> a count for each label; a source with only zeros is not drawn, and the others keep their
            colours.
        describe: (label, source, count) -> hover text.
        height: height of the figure, px.
    """
    figure = go.Figure()
    colours = pick_colours(tuple(counts), SOURCE_COLOURS)
    for source, numbers in counts.items():
        if not any(numbers):
            continue
        figure.add_bar(
            x=list(numbers),
            y=list(labels),
            name=source,
            orientation="h",
            marker_color=colours[source],
            hovertext=[describe(label, source, n) for label, n in zip(labels, numbers, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    totals = [sum(of_label) for of_label in zip(*counts.values(), strict=True)]
    figure.add_scatter(
        x=totals, y=list(labels), text=[f" {n:,}" for n in totals], mode="text", textposition="middle right",
        cliponaxis=False, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    style(figure, height).update_layout(
        barmode="stack", showlegend=len(counts) > 1, legend_traceorder="normal", margin_t=8
    )
    figure.update_xaxes(title="faces", range=[0, 1.15 * max(totals)], nticks=5, tickformat="~s")
    return figure.update_yaxes(autorange="reversed", showgrid=False)
