"""The importance of each field of a search: its share of the variance of the trials' values."""

from collections.abc import Mapping
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.theme import RUN_COLOURS, show_empty, style
from fer_core.base.text import percent

HEIGHT_PX = 340


@dataclass(frozen=True)
class Importances:
    """Fields with their shares (0 to 1), the largest first; `n_missing`: complete trials still needed."""

    fields: tuple[str, ...]
    shares: tuple[float, ...]
    n_missing: int = 0


def compute_importances(shares: Mapping[str, float], n_missing: int = 0) -> Importances:
    """The bars, the largest first; fields of equal shares by name.

    Args:
        shares: field -> share, 0 to 1.
        n_missing: complete trials still needed before shares are meaningful.
    """
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return Importances(tuple(field for field, _ in ordered), tuple(share for _, share in ordered), n_missing)


def plot_importances(importances: Importances) -> go.Figure:
    """One bar per field, the largest on top; a sentence while there are too few trials."""
    if importances.n_missing:
        return show_empty(f"Importances are available after {importances.n_missing} more complete trials.", HEIGHT_PX)
    if not importances.fields:
        return show_empty("All trials have the same value, so no importance can be computed.", HEIGHT_PX)
    figure = go.Figure(
        go.Bar(
            x=importances.shares,
            y=[field.replace("_", " ") for field in importances.fields],
            orientation="h",
            marker={"color": RUN_COLOURS[0]},
            text=[percent(share) for share in importances.shares],
            hoverinfo="skip",
        )
    )
    figure.update_layout(title="Importance of each option (fANOVA)")
    figure.update_xaxes(title="share of the variance", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(autorange="reversed")
    return style(figure, HEIGHT_PX)
