"""The available compute devices, found without importing torch."""

import os
import platform
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def list_devices() -> list[str]:
    """["cuda:0", ...], ["mps"] or ["cpu"], the preferred device first; the CPU is always last."""
    devices = [f"cuda:{i}" for i in range(_count_nvidia())]
    if not devices and platform.system() == "Darwin" and platform.machine() == "arm64":
        devices.append("mps")
    return [*devices, "cpu"]


def resolve_device(wanted: str) -> str:
    """The device of a config: `auto` is the preferred one, `cuda` the first GPU."""
    if wanted == "auto":
        return list_devices()[0]
    return "cuda:0" if wanted == "cuda" else wanted


def list_slots(device: str, n: int) -> list[str]:
    """The devices that a run of `n` processes on `device` occupies: the first n GPUs, or the one named."""
    return [f"cuda:{i}" for i in range(n)] if n > 1 and device.startswith("cuda") else [device]


def n_cores() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=1)
def describe_devices() -> list[str]:
    """One readable line per device."""
    names = []
    if shutil.which("nvidia-smi"):
        answer = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
        names = [line.split(" (UUID")[0] for line in answer.stdout.splitlines() if line.startswith("GPU")]
    return [*names, f"CPU: {_cpu_name()}, {n_cores()} cores"]


def _count_nvidia() -> int:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([part for part in visible.split(",") if part.strip() not in ("", "-1")])
    folder = Path("/proc/driver/nvidia/gpus")
    if folder.is_dir():
        return len(list(folder.iterdir()))
    if shutil.which("nvidia-smi"):
        answer = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=20, check=False)
        return sum(line.startswith("GPU") for line in answer.stdout.splitlines())
    return 0


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
