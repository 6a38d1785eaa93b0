"""Tuning: threads, precision and memory layout, chosen by measuring a few small steps.

Two threads on a shared machine can be ten times slower than one: each waits at a barrier for the other, which
the machine is not running. A CPU without bfloat16 units was ten times slower in bfloat16 than in float32, one with
them twice as fast.
"""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from itertools import product
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fer_core.base.devices import n_cores
from fer_core.runs.config import TrainConfig

_THREADS_GAIN = 1.2  # all cores must be this much quicker than one: they are taken from whatever else runs
_HOPELESS = 3  # a first step this many times slower than the best so far settles it
_LONG_S = 2  # nor is a step that takes so long measured twice


@dataclass(frozen=True)
class Tuning:
    """Threads, precision and memory layout of a step. They affect the last bits of a result, so a resume keeps them.

    Attributes:
        threads: of the CPU.
        bfloat16: autocast to bfloat16, or float32 throughout.
        channels_last: the memory layout of the network and its input, or torch's default.
    """

    threads: int
    bfloat16: bool
    channels_last: bool

    @property
    def dtype(self) -> torch.dtype:
        """The dtype of autocast."""
        return torch.bfloat16 if self.bfloat16 else torch.float32

    @property
    def memory_format(self) -> torch.memory_format:
        """The argument for `Module.to` and `Tensor.contiguous`."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def to_dict(self) -> dict[str, object]:
        """The document for the checkpoint."""
        return asdict(self)

    def __str__(self) -> str:
        precision, layout = ("bfloat16" if self.bfloat16 else "float32"), "" if self.channels_last else "not "
        return f"{precision}, {layout}channels-last, {self.threads} CPU thread{'s' if self.threads > 1 else ''}"


def assume_tuning(config: TrainConfig, device: str) -> Tuning:
    """The usual best choice if nothing can be measured: one thread, and bfloat16 if the device has units for it."""
    bfloat16 = {"auto": _precisions(device)[0], "bfloat16": True, "float32": False}[config.precision]
    return Tuning(config.threads or 1, bfloat16, config.memory_format != "contiguous")


def choose_tuning(step: Callable[[Tuning], object], config: TrainConfig, device: str) -> tuple[Tuning, str]:
    """The fastest choice for the settings that the config leaves open, and a phrase on what was measured.

    Precision and layout are measured on one thread, then the best of them on all cores.

    Args:
        step: computes one small training step with a tuning and waits for its end.
        config: `precision`, `memory_format` and `threads` may leave nothing to choose.
        device: of the run.
    """
    first = assume_tuning(config, device)
    precisions = _precisions(device) if config.precision == "auto" else [first.bfloat16]
    layouts = [True, False] if config.memory_format == "auto" else [first.channels_last]
    candidates = [
        replace(first, bfloat16=bfloat16, channels_last=last) for bfloat16, last in product(precisions, layouts)
    ]
    counts_cores = device == "cpu" and not config.threads and n_cores() > 1
    if len(candidates) == 1 and not counts_cores:
        return first, "as set"
    seconds = measure(step, candidates)
    best = min(seconds, key=lambda tuning: seconds[tuning])
    if counts_cores:
        seconds |= measure(step, [replace(best, threads=n_cores())], _HOPELESS * seconds[best])
        quickest = min(seconds, key=lambda tuning: seconds[tuning])
        best = quickest if seconds[best] > _THREADS_GAIN * seconds[quickest] else best
    others = [
        f"{seconds[best] / took:.2f} times as fast in {other}" for other, took in seconds.items() if other != best
    ]
    return best, f"the fastest of {len(seconds)} settings; the others are {', '.join(others)}"


def compute_logits(model: Callable[[Tensor], Tensor], x: Tensor, tuning: Tuning) -> Tensor:
    """The model's logits for (B, C, S, S) input, computed with that tuning."""
    with torch.autocast(x.device.type, tuning.dtype, enabled=tuning.bfloat16):
        return model(x.contiguous(memory_format=tuning.memory_format))


def build_probe(
    model: nn.Module, x: Tensor, labels: Tensor, wrap: Callable[[nn.Module], Any] = lambda copied: copied
) -> Callable[[Tuning], None]:
    """A forward and backward pass over these faces for measuring, on copies of the model that `wrap` may compile."""
    models: dict[torch.memory_format, Any] = {}
    known = labels.clamp(min=0)  # -1 where a face teaches another head: of no matter for the time

    def step(tuning: Tuning) -> None:
        layout = tuning.memory_format
        if layout not in models:
            models[layout] = wrap(copy.deepcopy(model).to(memory_format=layout))
        F.cross_entropy(compute_logits(models[layout], x, tuning).float(), known).backward()
        wait_for(x.device)

    return step


def wait_for(device: torch.device | str) -> None:
    """Waits until the device has finished all work."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def measure(
    step: Callable[[Tuning], object], candidates: list[Tuning], give_up_s: float = math.inf
) -> dict[Tuning, float]:
    """Candidate -> seconds of its fastest step; the first step is ignored unless it is decisive."""
    seconds: dict[Tuning, float] = {}
    for tuning in candidates:
        torch.set_num_threads(tuning.threads)
        took = _time(step, tuning)  # memory is laid out, kernels are chosen
        best = min(seconds.values(), default=math.inf)
        if took < min(give_up_s, _HOPELESS * best) and took < _LONG_S:
            took = min(_time(step, tuning) for _ in range(3))
        seconds[tuning] = took
    return seconds


def _precisions(device: str) -> list[bool]:
    """The precisions worth measuring: bfloat16 only if the device has units for it."""
    if device.startswith("cuda"):
        has_units = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        has_units = device == "cpu" and _cpu_has_bfloat16()
    return [True, False] if has_units else [False]


def _cpu_has_bfloat16() -> bool:
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            flags = file.read()
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _time(step: Callable[[Tuning], object], tuning: Tuning) -> float:
    start = time.perf_counter()
    step(tuning)
    return time.perf_counter() - start
