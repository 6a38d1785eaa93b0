"""How many faces of each source have each flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from dashboard.theme import SOURCE_COLOURS, format_percent, pick_colours, show_empty, style
from fer_core.data.quality import FLAGS

_BAR_PX = 18


@dataclass(frozen=True)
class FlagCounts:
    """For each source, in their order: its name, how many faces it has, and how many have each of FLAGS."""

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
    """Horizontal bars side by side, one colour a source; how many stands at their ends, which share in the hover."""
    height = 90 + len(FLAGS) * (_BAR_PX * len(view.sources) + 14)
    most = max((n for counts in view.counts for n in counts), default=0)
    if not most:
        return show_empty("No face is flagged.", height)
    figure = go.Figure()
    colours = pick_colours(view.sources, SOURCE_COLOURS)
    for source, n_faces, counts in zip(view.sources, view.n_faces, view.counts, strict=True):
        figure.add_bar(
            x=counts,
            y=list(FLAGS),
            name=source,
            orientation="h",
            marker_color=colours[source],
            text=[f"{n:,}" if n else "" for n in counts],
            textposition="outside",
            cliponaxis=False,
            hovertext=[_describe(flag, n, n_faces, source) for flag, n in zip(FLAGS, counts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    style(figure, height).update_layout(barmode="group", showlegend=len(view.sources) > 1, margin_t=8)
    figure.update_xaxes(title="faces", range=[0, 1.15 * most], nticks=5, tickformat="~s")
    return figure.update_yaxes(autorange="reversed", showgrid=False)


def _describe(flag: str, n: int, n_faces: int, source: str) -> str:
    faces = "1 face" if n == 1 else f"{n:,} faces"
    return f"{flag}: {faces}, {format_percent(n / max(n_faces, 1))} of {source}<br>{FLAGS[flag].meaning}"
