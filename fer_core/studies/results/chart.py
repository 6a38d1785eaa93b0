"""A row's figure as SVG text, drawn without network access or font files: the same numbers give the same bytes.

On the left, loss and accuracy of each run by epoch; on the right, the summed confusion matrix of all runs.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any
from xml.sax.saxutils import escape

from fer_core.labels import EXPRESSIONS

_HEIGHT = 300
_PANEL = 300  # width of a panel, px
_INK, _GRID, _VAL, _TRAIN, _SHADE = "#1b2733", "#d5dade", "#c9772b", "#2f74b5", (47, 116, 181)
_N_TICKS = 5
_SPLITS = {"test": "test faces", "all": "all faces", "val": "validation faces", "train": "training faces"}
_CELL, _LEFT, _TOP = 30, 64, 56  # of the matrix


def draw_row(entries: Sequence[Mapping[str, Any]], title: str, truth: str = "labelled") -> str | None:
    """The figure of a row's runs; None if there is nothing to draw.

    Args:
        entries: as `fer_core.studies.results.entries` has them.
        title: text alternative.
        truth: meaning of the matrix rows: labelled or voted.
    """
    curves = [entry["curves"] for entry in entries if "curves" in entry]
    matrix = _sum_confusions(entries)
    panels: list[str] = []
    if curves:
        panels += [_draw_curves(curves, "loss"), _draw_curves(curves, "accuracy")]
    if matrix:
        panels.append(_draw_matrix(*matrix, truth))
    if not panels:
        return None
    width = _PANEL * len(panels)
    placed = [f'<g transform="translate({_PANEL * i} 0)">{panel}</g>' for i, panel in enumerate(panels)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" width="{width}" '
            f'height="{_HEIGHT}" role="img" font-family="sans-serif" font-size="11" fill="{_INK}">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>',
            *placed,
            "</svg>\n",
        ]
    )


def _draw_curves(curves: Sequence[Mapping[str, Any]], metric: str) -> str:
    """A panel: validation solid, training dashed (without augmentation where measured)."""
    clean = [name for name in (f"train_clean_{metric}",) if all(None not in c.get(name, [None]) for c in curves)]
    train, val = clean[0] if clean else f"train_{metric}", f"val_{metric}"
    values = [v for curve in curves for name in (train, val) for v in curve[name] if _is_drawn(v)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    last = max(curve["epoch"][-1] for curve in curves)
    left, right, top, bottom = 44, _PANEL - 14, 40, _HEIGHT - 36

    def place(epoch: float, value: float) -> str:
        x = left + (right - left) * ((epoch - 1) / (last - 1) if last > 1 else 0.5)
        return f"{x:.1f},{bottom - (bottom - top) * (value - low) / (high - low):.1f}"

    parts = [f'<text x="{left}" y="18" font-weight="bold">{metric.capitalize()}</text>']
    words = "training" if clean else "training (augmented)"
    parts.append(
        f'<text x="{left}" y="32"><tspan fill="{_VAL}">validation</tspan>, '
        f'<tspan fill="{_TRAIN}">{words}</tspan></text>'
    )
    for i in range(_N_TICKS):
        value = low + (high - low) * i / (_N_TICKS - 1)
        y = bottom - (bottom - top) * i / (_N_TICKS - 1)
        label = f"{100 * value:.0f} %" if metric == "accuracy" else f"{value:.2f}"
        parts.append(f'<path d="M{left} {y:.1f}H{right}" stroke="{_GRID}"/>')
        parts.append(f'<text x="{left - 5}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for epoch in sorted({1, (1 + last) // 2, last}):
        x = place(epoch, low).partition(",")[0]
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{epoch}</text>')
    parts.append(f'<text x="{(left + right) // 2}" y="{bottom + 30}" text-anchor="middle">epoch</text>')
    for curve in curves:
        for name, colour, dash in ((train, _TRAIN, ' stroke-dasharray="4 3"'), (val, _VAL, "")):
            drawn = [(epoch, v) for epoch, v in zip(curve["epoch"], curve[name], strict=True) if _is_drawn(v)]
            points = " ".join(place(epoch, v) for epoch, v in drawn)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"{dash}/>')
    return "".join(parts)


def _is_drawn(value: float | None) -> bool:
    return value is not None and isfinite(value)


def _sum_confusions(entries: Sequence[Mapping[str, Any]]) -> tuple[list[list[int]], str] | None:
    """The summed counts of all runs on the last split that they have, and a caption."""
    for split in _SPLITS:
        found = [entry["scores"][split]["confusion"] for entry in entries if split in entry["scores"]]
        if found:
            cells = [[sum(m[i][j] for m in found) for j in range(len(EXPRESSIONS))] for i in range(len(EXPRESSIONS))]
            what = _SPLITS[split]
            return cells, what if len(found) == 1 else f"{what}, {len(found)} runs together"
    return None


def _draw_matrix(cells: list[list[int]], what: str, truth: str) -> str:
    """A panel: rows true, columns predicted, shaded by the share of the row; recall on the right, precision below."""
    n = len(EXPRESSIONS)
    parts = [
        f'<text x="{_LEFT}" y="18" font-weight="bold">{truth.capitalize()} (rows), predicted as (columns)</text>',
        f'<text x="{_LEFT}" y="32">{what}; %: recall beside, precision below</text>',
    ]
    for i, name in enumerate(EXPRESSIONS):
        middle = _TOP + _CELL * i + 19
        parts.append(f'<text x="{_LEFT - 5}" y="{middle}" text-anchor="end">{name}</text>')
        parts.append(f'<text x="{_LEFT + _CELL * i + 15}" y="{_TOP - 6}" text-anchor="middle">{name[:4]}</text>')
        total, column = sum(cells[i]), sum(row[i] for row in cells)
        for j, count in enumerate(cells[i]):
            share = count / total if total else 0.0
            colour = ",".join(str(round(255 - (255 - c) * share)) for c in _SHADE)
            ink = ' fill="#ffffff"' if share > 0.55 else ""
            x, y = _LEFT + _CELL * j, _TOP + _CELL * i
            parts.append(f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" fill="rgb({colour})"/>')
            parts.append(f'<text x="{x + 15}" y="{middle}" text-anchor="middle" font-size="9"{ink}>{count}</text>')
        recall = f"{100 * cells[i][i] / total:.0f}" if total else "-"
        precision = f"{100 * cells[i][i] / column:.0f}" if column else "-"
        parts.append(f'<text x="{_LEFT + _CELL * n + 4}" y="{middle}">{recall}</text>')
        x = _LEFT + _CELL * i + 15
        parts.append(f'<text x="{x}" y="{_TOP + _CELL * n + 14}" text-anchor="middle">{precision}</text>')
    return "".join(parts)
