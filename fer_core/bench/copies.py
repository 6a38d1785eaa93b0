"""Benchmark: how many planted near copies among faces of random waves are found, and how fast."""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from fer_core.bench.measured import Measured
from fer_core.datasets.checks.near_copies import find_near_pairs

SIZE_PX = 48
_CHUNK = 1000
_SHARE_PLANTED = 0.01


def bench_copies(n: int, seed: int = 0) -> Measured:
    """Plants 1 % near copies among `n` faces; returns the seconds to find them and the share found, by kind.

    Compare `cpu_seconds` on a busy machine.

    Args:
        n: number of faces, 400 or more.
        seed: of the faces.
    """
    rng = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        shape = (n, SIZE_PX, SIZE_PX)
        faces = np.lib.format.open_memmap(Path(folder) / "faces.npy", mode="w+", dtype=np.uint8, shape=shape)
        for start in range(0, n, _CHUNK):
            faces[start : start + _CHUNK] = draw_waves(min(_CHUNK, n - start), rng)
        rows = rng.permutation(n)[: 2 * round(n * _SHARE_PLANTED)].reshape(-1, 2)
        kinds = np.arange(len(rows)) % len(CHANGES)
        for (original, copy), kind in zip(rows, kinds, strict=True):
            faces[copy] = list(CHANGES.values())[kind](faces[original])
        started, started_cpu = time.perf_counter(), time.process_time()
        pairs = find_near_pairs(faces, np.arange(n))
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    found = {(int(a), int(b)) for a, b in pairs}
    hit = np.array([(min(pair), max(pair)) in found for pair in rows.tolist()])
    return {
        "n": n,
        "planted": len(rows),
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "recall": float(hit.mean()),
        "recall_by_kind": {name: float(hit[kinds == kind].mean()) for kind, name in enumerate(CHANGES)},
        "false_pairs": len(found) - int(hit.sum()),
    }


def draw_waves(n: int, rng: np.random.Generator, side_px: int = SIZE_PX) -> np.ndarray:
    """(n, side_px, side_px) uint8 faces of random waves, the long ones the strongest, as in photographs."""
    frequency = np.arange(24)
    basis = np.cos(np.pi * frequency[:, None] * (np.arange(side_px) + 0.5) / side_px).astype(np.float32)
    strength = (1 / (1 + np.add.outer(frequency, frequency)) ** 1.5).astype(np.float32)
    strength[0, 0] = 0  # no face is all dark or all bright
    waves = basis.T @ (rng.standard_normal((n, 24, 24), np.float32) * strength) @ basis
    waves *= 50 / waves.std(axis=(1, 2), keepdims=True)
    return np.clip(waves + 128, 0, 255).astype(np.uint8)


def _encode(face: np.ndarray) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(face).save(file, "JPEG", quality=40)
    return np.asarray(Image.open(file))


def _rescale(face: np.ndarray) -> np.ndarray:
    small = Image.fromarray(face).resize((30, 30), Image.Resampling.BILINEAR)
    return np.asarray(small.resize((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC))


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "mirrored": lambda face: face[:, ::-1],
    "JPEG, quality 40": _encode,
    "rescaled by 30 px": _rescale,
    "mirrored, rescaled, JPEG": lambda face: _encode(_rescale(face)[:, ::-1]),
}
