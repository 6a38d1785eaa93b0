"""Benchmark: milliseconds per face of a trained network on one CPU thread, one at a time and in batches."""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch

from fer_core.bench.measured import Measured
from fer_core.inference.logits import predict_logits
from fer_core.models.checkpoints import read_network
from fer_core.models.folding import fold_network
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights

_BATCH = 64


def bench_predict(run: Run, repeats: int = 200) -> Measured:
    """Times `predict_logits` (uint8 face to logits, all its views) on faces of noise: medians of `repeats`.

    Returns:
        `ms_a_face` one at a time, `ms_a_face_in_batches` of 64, each in float32 and as `_bfloat16`, with the norms
        folded as in inference; and `gain_by_folding` of the first two: how many times as long they take without.
    """
    plain = read_network(require_weights(run))
    folded = fold_network(plain)
    faces = np.random.default_rng(0).integers(0, 256, (_BATCH, plain.face_px, plain.face_px), dtype=np.uint8)
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        document: Measured = {"run_id": run.run_id, "threads": 1}
        gains = {}
        for dtype, suffix in ((torch.float32, ""), (torch.bfloat16, "_bfloat16")):
            for name, n, rounds in (("ms_a_face", 1, repeats), ("ms_a_face_in_batches", _BATCH, max(3, repeats // 20))):
                calls = [partial(predict_logits, network, faces[:n], dtype=dtype) for network in (folded, plain)]
                seconds = time_in_turns(calls, rounds)
                document[name + suffix] = round(1e3 * statistics.median(seconds[0]) / n, 3)
                if not suffix:
                    gains[name] = round(statistics.median(b / a for a, b in zip(*seconds, strict=True)), 3)
        document["gain_by_folding"] = gains
    finally:
        torch.set_num_threads(n_threads)
    return document


def time_in_turns(calls: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Seconds of each call, `rounds` times in turn, so that other load slows all of them equally."""
    seconds: list[list[float]] = [[] for _ in calls]
    for i in range(rounds + 1):
        for call, times in zip(calls, seconds, strict=True):
            start = time.perf_counter()
            call()
            if i:  # the first is the warm-up
                times.append(time.perf_counter() - start)
    return seconds
