"""How many faces of each source have each flag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.stacked_bars import plot_stacked_bars
from dashboard.theme import show_empty
from fer_core.base.text import count_of, percent
from fer_core.datasets.checks.flags import FLAGS
from fer_core.datasets.counts import FlagCount

HEIGHT_PX = 300


@dataclass(frozen=True)
class FlagCounts:
    """For each source, in order: its name, its number of faces, and how many have each of FLAGS."""

    sources: tuple[str, ...]
    n_faces: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]


def compute_flag_counts(counts: Sequence[FlagCount], n_faces: Mapping[str, int]) -> FlagCounts:
    """The counts of all splits together, arranged for the figure; combinations that are not listed are 0.

    Args:
        counts: [{flag, source, split, n}], as in `dataset.json`.
        n_faces: source -> its number of faces, in the order of the sources.
    """
    n = {(source, flag): 0 for source in n_faces for flag in FLAGS}
    for row in counts:
        n[row.source, row.flag] += row.n
    by_source = tuple(tuple(n[source, flag] for flag in FLAGS) for source in n_faces)
    return FlagCounts(tuple(n_faces), tuple(n_faces.values()), by_source)


def plot_flag_counts(view: FlagCounts) -> go.Figure:
    """Horizontal stacked bars, one colour per source with flags, with totals at their ends and shares on hover."""
    if not any(map(any, view.counts)):
        return show_empty("No face is flagged.", HEIGHT_PX)
    n_faces = dict(zip(view.sources, view.n_faces, strict=True))
    counts = dict(zip(view.sources, view.counts, strict=True))
    return plot_stacked_bars(tuple(FLAGS), counts, lambda flag, s, n: _describe(flag, n, n_faces[s], s), HEIGHT_PX)


def _describe(flag: str, n: int, n_faces: int, source: str) -> str:
    faces = count_of(n, "face")
    return f"{flag}: {faces}, {percent(n / max(n_faces, 1))} of {source}<br>{FLAGS[flag].meaning}"
