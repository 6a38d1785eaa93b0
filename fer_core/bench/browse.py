"""Benchmark: how long each filter of the face browser takes among as many faces as AffectNet has."""

import time

import numpy as np
import pandas as pd

from fer_core.bench.measured import Measured
from fer_core.datasets.select import CHANGED, FLAGS_COLUMN, ORDERS, Wanted, select_faces
from fer_core.datasets.splits import SPLITS
from fer_core.labels import EXPRESSIONS

_REPEATS = 5
CHOICES = {
    "every face": Wanted(),
    "split, expression, source": Wanted(split="train", expression="fear", source="affectnet"),
    "changed labels": Wanted(label=CHANGED),
    "exact copies": Wanted(copies="exact"),
    "exact or near copies": Wanted(copies="exact or near"),
    "flag": Wanted(flag="dark"),
    "part of a name": Wanted(text="image00001"),
}


def bench_browse(n: int, seed: int = 0) -> Measured:
    """{n, ms: {filter or order: milliseconds, the median of five}} for a generated table of `n` rows."""
    table = make_table(n, seed)
    ms = {name: _time(table, wanted) for name, wanted in CHOICES.items()}
    return {"n": n, "ms": {**ms, **{f"in the order {order}": _time(table, Wanted(), order) for order in ORDERS}}}


def make_table(n: int, seed: int) -> pd.DataFrame:
    """A table for the face browser in which one face in fifty is a copy, has a flag or a changed label."""
    rng = np.random.default_rng(seed)
    words = {"split": SPLITS, "expression": EXPRESSIONS, "source": ("fer2013", "affectnet")}
    table = pd.DataFrame({column: rng.choice(options, n) for column, options in words.items()})
    copy_of = np.where(rng.random(n) < 0.02, rng.integers(0, n, n), np.arange(n))
    changed = rng.random(n) < 0.02
    return table.assign(
        face_id=[f"affectnet:happy/image{i:07d}.jpg" for i in range(n)],
        original_expression=table["expression"].where(~changed, "neutral"),
        label_from=table["source"].where(~changed, "votes"),
        sha256=[f"{i:064x}" for i in copy_of],
        copy_group=copy_of,
        copy_in_train=copy_of != np.arange(n),
        near_copy_in_train=copy_of != np.arange(n),
        **{FLAGS_COLUMN: rng.choice(["", "dark", "dark,tiny"], n, p=[0.96, 0.02, 0.02])},
    ).convert_dtypes()


def _time(table: pd.DataFrame, wanted: Wanted, order: str = ORDERS[0]) -> float:
    seconds = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        select_faces(table, wanted, order)
        seconds.append(time.perf_counter() - started)
    return 1000 * float(np.median(seconds))
