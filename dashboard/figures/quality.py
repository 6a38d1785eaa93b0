"""How many faces of each source have each flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import SOURCE_COLOURS, pick_colours, show_empty, style
from fer_core.data.quality import FLAGS
from fer_core.wording import count_of, percent

HEIGHT_PX = 300


@dataclass(frozen=True)
class FlagCounts:
    """For each source , in their order: its name, how many faces it has, and how many have each of FLAGS."""

    sources: tuple[str, ...]
    n_faces: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]


def compute_flag_counts(counts: Sequence[Mapping[str, Any]], n_faces: Mapping[str, int]) -> FlagCounts:
    """The counts of all splits together, arranged for the figure; what is not listed is 0.

    Args:
        counts: [{flag, source, split, n}], as `dataset.json` holds them.
        n_faces: source -> how many faces it has, in the order of the sources.
    """
    n = {(source, flag): 0 for source in n_faces for flag in FLAGS}
    for row in counts:
        n[row["source"], row["flag"]] += row["n"]
    by_source = tuple(tuple(n[source, flag] for flag in FLAGS) for source in n_faces)
    return FlagCounts(tuple(n_faces), tuple(n_faces.values()), by_source)


def plot_flag_counts(view: FlagCounts) -> go.Figure:
    """Horizontal bars, stacked, one colour a source that has flags; totals at their ends, shares in the hover."""
    totals = [sum(of_flag) for of_flag in zip(*view.counts, strict=True)]
    if not any(totals):
        return show_empty("No face is flagged.", HEIGHT_PX)
    figure = go.Figure()
    colours = pick_colours(view.sources, SOURCE_COLOURS)
    for source, n_faces, counts in zip(view.sources, view.n_faces, view.counts, strict=True):
        if not any(counts):
            continue
        figure.add_bar(
            x=counts,
            y=list(FLAGS),
            name=source,
            orientation="h",
            marker_color=colours[source],
            hovertext=[_describe(flag, n, n_faces, source) for flag, n in zip(FLAGS, counts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.add_scatter(
        x=totals, y=list(FLAGS), text=[f" {n:,}" for n in totals], mode="text", textposition="middle right",
        cliponaxis=False, hoverinfo="skip", showlegend=False,
    )  # fmt: skip
    style(figure, HEIGHT_PX).update_layout(
        barmode="stack", showlegend=len(view.sources) > 1, legend_traceorder="normal", margin_t=8
    )
    figure.update_xaxes(title="faces", range=[0, 1.15 * max(totals)], nticks=5, tickformat="~s")
    return figure.update_yaxes(autorange="reversed", showgrid=False)


def _describe(flag: str, n: int, n_faces: int, source: str) -> str:
    faces = count_of(n, "face")
    return f"{flag}: {faces}, {percent(n / max(n_faces, 1))} of {source}<br>{FLAGS[flag].meaning}"
