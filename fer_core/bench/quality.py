"""Benchmark: how long an assembly takes to measure and flag its faces."""

import time

import numpy as np
import pandas as pd

from fer_core.bench.copies import SIZE_PX, draw_waves
from fer_core.bench.measured import Measured
from fer_core.datasets.checks.flags import SIDE, count_flags, flag_faces
from fer_core.datasets.counts import FlaggedOut
from fer_core.pictures.measures import MEASURES, measure_faces

_DRAWN = 1000  # different faces; they repeat, since drawing takes longer than measuring


def bench_quality(n: int) -> Measured:
    """Seconds to measure, flag and count `n` faces on one core. Nearly all are flagged blurred, the slowest case.

    Compare `cpu_seconds` on a busy machine.

    Args:
        n: how many faces.
    """
    drawn = draw_waves(_DRAWN, np.random.default_rng(0))
    table = pd.DataFrame({"source": "waves", "split": "train", SIDE: SIZE_PX}, index=range(n))
    started, started_cpu = time.perf_counter(), time.process_time()
    measures = [measure_faces(drawn[: n - start]) for start in range(0, n, _DRAWN)]
    table[list(MEASURES)] = np.concatenate(measures)
    count_flags(table.assign(flags=flag_faces(table)), FlaggedOut())
    return {"n": n, "seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - started_cpu}
