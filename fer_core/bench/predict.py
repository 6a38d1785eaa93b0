"""Milliseconds a face of a trained network, on one CPU thread, one face at a time and in batches."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch

from fer_core.checkpoints import read_network
from fer_core.logits import predict_logits
from fer_core.runs import Run

_BATCH = 64


def bench_predict(run: Run, repeats: int = 200) -> dict[str, Any]:
    """Times `predict_logits` (uint8 face to logits, all its views) on faces of noise: medians of `repeats`.

    Returns:
        `ms_a_face` one at a time, `ms_a_face_in_batches` of 64, each in float32 and as `_bfloat16`.
    """
    network = read_network(run.best_weights)
    faces = np.random.default_rng(0).integers(0, 256, (_BATCH, network.face_px, network.face_px), dtype=np.uint8)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        document: dict[str, Any] = {"run_id": run.run_id, "threads": 1}
        for dtype, suffix in ((torch.float32, ""), (torch.bfloat16, "_bfloat16")):
            one = _median_ms(partial(predict_logits, network, faces[:1], dtype=dtype), repeats)
            many = _median_ms(partial(predict_logits, network, faces, dtype=dtype), max(3, repeats // 20))
            document |= {f"ms_a_face{suffix}": one, f"ms_a_face_in_batches{suffix}": round(many / _BATCH, 3)}
    finally:
        torch.set_num_threads(n_threads)
    return document


def _median_ms(call: Callable[[], object], repeats: int) -> float:
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return round(1e3 * statistics.median(times), 3)
