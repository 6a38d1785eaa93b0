"""How many CPU threads and which precision: measured on a few small steps, not assumed.

Two threads on a shared machine have been seen ten times slower than one: each waits at a barrier for
the other, which the machine is not running.
"""

import math
import time
from collections.abc import Callable

import torch

from fer_core.devices import n_cores

_GAIN = 1.2  # more threads must be this much quicker than one
_HOPELESS = 3  # a first step this many times slower settles it


def choose_threads(step: Callable[[], object], wanted: int) -> str:
    """Sets torch's thread count and returns a sentence that says which, and why.

    Args:
        step: one small training step on the CPU.
        wanted: the config's count; 0 measures one thread against all cores.
    """
    if wanted or n_cores() == 1:
        torch.set_num_threads(wanted or 1)
        return f"{wanted or 1} CPU threads, as told" if wanted else "1 CPU thread, the only core"
    one = _measure(step, 1, math.inf)
    all_cores = _measure(step, n_cores(), _HOPELESS * one)
    best = n_cores() if one > _GAIN * all_cores else 1
    torch.set_num_threads(best)
    ratio = one / all_cores
    return f"{best} CPU thread{'s' if best > 1 else ''}: {n_cores()} measured {ratio:.2f} times as fast as 1"


def _measure(step: Callable[[], object], n_threads: int, give_up_s: float) -> float:
    """Seconds of the quicker of two steps, the first not counted unless it takes longer than `give_up_s`."""
    torch.set_num_threads(n_threads)
    first = _time(step)  # memory is laid out for this count
    return first if first > give_up_s else min(_time(step) for _ in range(2))


def choose_precision(wanted: str, device: str) -> torch.dtype:
    """bfloat16 where the device has units for it (or it was asked for), else float32."""
    if wanted != "auto":
        return torch.bfloat16 if wanted == "bfloat16" else torch.float32
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32
    if device == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _cpu_has_bfloat16() -> bool:
    """A CPU without such units was measured 10 times slower in bfloat16 than in float32."""
    try:
        with open("/proc/cpuinfo") as file:  # noqa: PTH123
            flags = file.read()
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _time(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
