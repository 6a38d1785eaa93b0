"""Benchmark: training speed of the full loop, the step alone, the usual setup, and each tuning."""

import resource
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import chain, islice, product
from pathlib import Path

import torch

from fer_core.base.devices import n_cores
from fer_core.bench.measured import Measured
from fer_core.bench.usual import UsualTraining
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import write_run
from fer_core.training.distributed import Ranks
from fer_core.training.loader import Batch
from fer_core.training.prepare import TrainData, build_data, build_network
from fer_core.training.step import TrainStep, build_step
from fer_core.training.tuning import Tuning, build_probe, measure, wait_for

_STEPS = 20  # of a block; blocks of what is compared take turns
_WARM_UP = 5


def bench_train(config: TrainConfig, rounds: int = 5, compiled: bool = False) -> Measured:
    """Faces per second of three ways to train the same network, in alternating blocks, and their ratios.

    epoch: this project's full training loop. resident: its step alone, on one resident batch. dataloader: files in
    class folders through ImageFolder, a DataLoader with 2 workers, torchvision's transforms and float32, and torch's
    defaults for everything else.

    Args:
        config: of the training; its epochs are ignored.
        rounds: blocks of each; medians are compared.
        compiled: also measure torch.compile, which takes a minute to compile.

    Returns:
        `pipeline_efficiency` (epoch over resident) and `speedup_over_dataloader` (epoch over dataloader), the
        underlying faces per second, `ways` (faces per second of each precision, layout and thread count),
        `computed_in`, and `peak_memory_mb` (resident, after this project's blocks).
    """
    with tempfile.TemporaryDirectory() as folder:
        run, ranks = write_run(Path(folder) / "run", config, "fer bench train"), Ranks()
        data = build_data(run, ranks, lambda: None)
        step = build_step(data, build_network(run, data, ranks), ranks)
        step.model.train()
        seconds = _measure_ours(data, step, rounds)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds |= _measure_usual(data, step, Path(folder), rounds)
        faces = _STEPS * config.batch_size
        speeds = {name: round(faces / statistics.median(times), 1) for name, times in seconds.items()}
        return {
            "model": config.model,
            "device": run.device,
            "input_px": data.preprocessing.input_px,
            "batch_size": config.batch_size,
            "computed_in": str(step.tuning),
            "faces_per_s": speeds,
            "pipeline_efficiency": round(_ratio(seconds["resident"], seconds["epoch"]), 3),
            "speedup_over_dataloader": round(_ratio(seconds["dataloader"], seconds["epoch beside it"]), 2),
            "peak_memory_mb": round(peak_mb),
            "ways": _measure_ways(data, step, compiled),
        }


def _ratio(slow: list[float], quick: list[float]) -> float:
    """The median of the ratios of consecutive blocks."""
    return statistics.median(a / b for a, b in zip(slow, quick, strict=True))


def _measure_ours(data: TrainData, step: TrainStep, rounds: int) -> dict[str, list[float]]:
    batches = _endless(data)
    resident = [next(batches)] * _STEPS
    _block(step, resident[:_WARM_UP])
    seconds: dict[str, list[float]] = {"epoch": [], "resident": []}
    for _ in range(rounds):
        seconds["resident"].append(_block(step, resident))
        seconds["epoch"].append(_block(step, islice(batches, _STEPS)))
    return seconds


def _measure_usual(data: TrainData, step: TrainStep, folder: Path, rounds: int) -> dict[str, list[float]]:
    usual = UsualTraining(data.dataset, data.config, data.device, folder / "faces", _STEPS + _WARM_UP)
    batches = _endless(data)
    seconds: dict[str, list[float]] = {"dataloader": [], "epoch beside it": []}
    for _ in range(rounds):
        seconds["dataloader"].append(usual.time_block(_WARM_UP))
        torch.set_num_threads(step.tuning.threads)
        _block(step, islice(batches, _WARM_UP))
        seconds["epoch beside it"].append(_block(step, islice(batches, _STEPS)))
    return seconds


def _measure_ways(data: TrainData, step: TrainStep, compiled: bool) -> list[Measured]:
    """Faces per second of a forward and backward pass of a whole batch for each tuning."""
    n = data.config.batch_size
    threads = [1, n_cores()] if data.device == "cpu" else [step.tuning.threads]
    tried = [Tuning(*way) for way in product(threads, (False, True), (False, True))]
    batch = next(data.batches.epoch(0))
    rows = [(str(t), s) for t, s in measure(build_probe(step.model, batch.x, batch.labels), tried).items()]
    if compiled:
        probe = build_probe(step.model, batch.x, batch.labels, torch.compile)
        probe(step.tuning)  # compiles, which is not measured
        rows += [(f"{t}, compiled", s) for t, s in measure(probe, [step.tuning]).items()]
    return [{"way": way, "faces_per_s": round(n / seconds, 1)} for way, seconds in rows]


def _endless(data: TrainData) -> Iterator[Batch]:
    return chain.from_iterable(data.batches.epoch(epoch) for epoch in range(10**6))


def _block(step: TrainStep, batches: Iterable[Batch]) -> float:
    start = time.perf_counter()
    for batch in batches:
        step.take(batch)
    wait_for(step.tally.device)
    return time.perf_counter() - start
