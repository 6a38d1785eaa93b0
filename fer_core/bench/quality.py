"""How long an assembly takes to measure and flag its faces."""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer_core.bench.copies import SIZE_PX, draw_waves
from fer_core.data.flags import count_flags
from fer_core.data.quality import add_quality

_DRAWN = 1000  # different faces; they repeat, since drawing takes longer than measuring


def bench_quality(n: int) -> dict[str, Any]:
    """Seconds to measure, flag and count `n` faces in a file. Nearly all count as blurred, which takes the longest.

    `cpu_seconds` is what to compare on a busy machine.

    Args:
        n: how many faces.
    """
    drawn = draw_waves(_DRAWN, np.random.default_rng(0))
    with tempfile.TemporaryDirectory() as folder:
        shape = (n, SIZE_PX, SIZE_PX)
        faces = np.lib.format.open_memmap(Path(folder) / "faces.npy", mode="w+", dtype=np.uint8, shape=shape)
        for start in range(0, n, _DRAWN):
            faces[start : start + _DRAWN] = drawn[: n - start]
        table = pd.DataFrame({"source": "waves", "split": "train", "side_px": SIZE_PX}, index=range(n))
        started, started_cpu = time.perf_counter(), time.process_time()
        count_flags(add_quality(table, faces, np.arange(n)))
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    return {"n": n, "seconds": seconds, "cpu_seconds": cpu_seconds}
