"""The faces for the source classifier: equally many of each expression from each source, split by whole groups."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.datasets.splits import draw_split
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS

_TEST_SHARE = 0.3
_MIN_FACES = 20  # of a source; fewer say nothing


@dataclass(frozen=True, kw_only=True)
class LeakDraw:
    """The faces for the source classifier.

    Attributes:
        rows: (n,) row numbers of the data set, ascending.
        source: (n,) int64 index into `sources`.
        group: (n,) groups that the split keeps together.
        is_test: (n,) bool.
        sources: their names.
        expressions: expression -> number of faces from each source; empty unless matched.
        matched: whether every source has the same number of each expression; if not, they share too few faces and the
            expression itself may reveal the source.
    """

    rows: np.ndarray
    source: np.ndarray
    group: np.ndarray
    is_test: np.ndarray
    sources: tuple[str, ...]
    expressions: dict[str, int]
    matched: bool


def draw_faces(table: pd.DataFrame, n_per_source: int, seed: int) -> LeakDraw:
    """Draws up to `n_per_source` faces per source, equally many of each expression, split by whole groups.

    Args:
        table: columns source, expression and group.
        n_per_source: maximum; fewer if the sources share fewer.
        seed: of the draw and the split.

    Raises:
        InputError: for a single source, or if one has too few faces or groups.
    """
    counts = table.groupby(["source", "expression"], sort=False).size().unstack(fill_value=0)
    counts = counts.reindex(columns=EXPRESSIONS, fill_value=0)
    if len(counts) < 2:
        raise InputError("All faces are from one source, so there is nothing to predict. Add another source.")
    shared = counts.min()
    matched = bool(shared.sum() >= _MIN_FACES)
    if matched:
        wanted = pd.DataFrame([_level(shared, n_per_source)] * len(counts), counts.index)
    else:
        n = min(n_per_source, int(counts.sum(axis=1).min()))
        wanted = counts.apply(_level, axis=1, n=n)
    rng = np.random.default_rng(seed)
    order = pd.Series(rng.permutation(len(table)))
    shuffled = table[["source", "expression", "group"]].reset_index(drop=True).iloc[order]
    rank = shuffled.groupby(["source", "expression"]).cumcount()
    limit = wanted.stack().reindex(pd.MultiIndex.from_frame(shuffled[["source", "expression"]])).to_numpy()
    drawn = shuffled[rank.to_numpy() < limit].sort_index()
    drawn = drawn.assign(group=pd.factorize(drawn["group"])[0])
    draw = LeakDraw(
        rows=drawn.index.to_numpy(),
        source=counts.index.get_indexer(drawn["source"]).astype(np.int64),
        group=drawn["group"].to_numpy(),
        is_test=draw_split(drawn, {"train": 1 - _TEST_SHARE, "test": _TEST_SHARE}, seed) == "test",
        sources=tuple(counts.index),
        expressions={e: int(n) for e, n in wanted.iloc[0].items() if n} if matched else {},
        matched=matched,
    )
    _check(draw)
    return draw


def can_tell(draw: LeakDraw, used: np.ndarray, only: int | None = None) -> bool:
    """Whether each source, or the given one, has selected faces on both sides of the split."""
    sources = range(len(draw.sources)) if only is None else [only]
    return all((used & (draw.source == s) & (draw.is_test == test)).any() for s in sources for test in (False, True))


def _level(available: pd.Series, n: int) -> pd.Series:
    """How many faces to draw per expression: as even as possible, `n` in total or slightly fewer."""
    levels = np.arange(int(available.max()) + 1)
    totals = np.minimum(available.to_numpy()[:, None], levels).sum(0)
    return available.clip(upper=int(levels[totals <= n].max()))


def _check(draw: LeakDraw) -> None:
    for s, name in enumerate(draw.sources):
        n = int((draw.source == s).sum())
        if n < _MIN_FACES or not can_tell(draw, draw.source == s, s):
            raise InputError(
                f"Only {n} faces in {len(np.unique(draw.group[draw.source == s]))} groups can be drawn from {name}"
                f", too few to predict the source. Use sources of {_MIN_FACES} faces or more."
            )
