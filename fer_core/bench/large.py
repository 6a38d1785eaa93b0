"""Benchmark: assembling as many JPEG faces as AffectNet has, compared with only decoding them with Pillow."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from fer_core.base.files import read_json
from fer_core.bench.copies import draw_waves
from fer_core.bench.measured import Measured
from fer_core.datasets.dataset import open_dataset
from fer_core.labels import EXPRESSIONS

SIDE_PX, QUALITY = 96, 90
N_PROCESSES = 2  # of the decoding that is compared with
_CHUNK = 1000
_SAMPLE_EVERY_S, _LOOK_EVERY_S = 0.05, 0.5
_Part = tuple[Path, int, int, int]  # folder, number of the first face, how many, seed


def bench_large(n: int, seed: int = 0, say: Callable[[str], None] = print) -> Measured:
    """Seconds to assemble `n` JPEG faces in AffectNet's folder layout, seconds to decode them, and the peak memory.

    Pillow decodes the whole colour image, in two processes that keep nothing; this runs before and after
    assembling, and the mean counts, so that a slowdown of the machine affects both.

    Args:
        n: how many faces.
        seed: of the faces.
        say: called with progress messages.

    Returns:
        n, decode_s, assemble_s, ratio (of the two), steps_s (seconds per step), peak_memory_mb (the sum of the resident
        sizes of the assembling process and its workers, the faces' memory map among them), fingerprint.
    """
    with tempfile.TemporaryDirectory() as temporary:
        source, home = Path(temporary) / "affectnet", Path(temporary) / "home"
        say(f"drawing {n:,} faces of {SIDE_PX} px ...")
        files = draw_source(source, n, seed)
        os.sync()  # else the disk is still busy with the drawing
        say("decoding them with Pillow ...")
        before = decode_all(files)
        say("assembling them ...")
        assembled = _assemble(source, home)
        say("decoding them with Pillow again ...")
        decode_s = (before + decode_all(files)) / 2
    return {"n": n, "decode_s": decode_s, **assembled, "ratio": assembled["assemble_s"] / decode_s}


def draw_source(folder: Path, n: int, seed: int) -> list[str]:
    """Writes `n` JPEG files of random waves as `<class>/*.jpg` with `labels.csv`; returns their paths."""
    for expression in EXPRESSIONS:
        (folder / expression).mkdir(parents=True)
    parts = [(folder, start, min(_CHUNK, n - start), seed) for start in range(0, n, _CHUNK)]
    with ProcessPoolExecutor(N_PROCESSES, mp_context=get_context("spawn")) as pool:
        names = [name for part in pool.map(_draw_part, parts) for name in part]
    rows = "".join(f"{name},{name.partition('/')[0]}\n" for name in names)
    (folder / "labels.csv").write_text(f"pth,label\n{rows}")
    return [str(folder / name) for name in names]


def decode_all(files: list[str]) -> float:
    """Seconds that two processes take to decode the files with Pillow."""
    parts = [files[i : i + _CHUNK] for i in range(0, len(files), _CHUNK)]
    with ProcessPoolExecutor(N_PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(_decode_part, [[]] * N_PROCESSES))  # both have started
        started = time.perf_counter()
        list(pool.map(_decode_part, parts))
        return time.perf_counter() - started


def _draw_part(part: _Part) -> list[str]:
    folder, first, n, seed = part
    rng = np.random.default_rng((seed, first))
    grey = draw_waves(n, rng, SIDE_PX).astype(np.float32)
    tint = rng.uniform(0.6, 1.0, (n, 3)).astype(np.float32)
    names = []
    for i, face in enumerate(grey):
        name = f"{EXPRESSIONS[(first + i) % len(EXPRESSIONS)]}/image{first + i:07d}.jpg"
        Image.fromarray((face[..., None] * tint[i]).astype(np.uint8)).save(folder / name, quality=QUALITY)
        names.append(name)
    return names


def _decode_part(files: list[str]) -> None:
    for file in files:
        with Image.open(file) as image:
            image.load()


def _assemble(source: Path, home: Path) -> Measured:
    """Assembles in a separate process, as users do, and monitors its memory."""
    command = [sys.executable, "-m", "fer_core.bench.large", str(source)]
    started = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, "FER_HOME": str(home)})
    peak = _Peak(process.pid)
    if process.wait():
        raise RuntimeError("Assembling failed; the error is shown above.")
    seconds = time.perf_counter() - started
    document = read_json(home / "steps.json")
    return {"assemble_s": seconds, **document, "peak_memory_mb": round(peak.stop() / 1e6)}


class _Peak:
    """The largest sum of the resident sizes of a process and its children, sampled by a thread, bytes.

    Listing children reads all processes of the machine, so it is done rarely to keep the overhead low.
    """

    def __init__(self, pid: int) -> None:
        self._process, self._peak = psutil.Process(pid), 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Stops monitoring; returns the peak."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        family, looked = [self._process], 0.0
        while not self._ended.wait(_SAMPLE_EVERY_S):
            if time.monotonic() - looked > _LOOK_EVERY_S:
                family, looked = self._find_family(), time.monotonic()
            self._peak = max(self._peak, sum(map(_resident, family)))

    def _find_family(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _main(source: Path) -> None:
    """The assembling process; writes the times of its steps to `steps.json` in the workspace."""
    from fer_core.base.files import write_json
    from fer_core.base.workspace import home
    from fer_core.datasets.assembling.assemble import assemble
    from fer_core.datasets.assembling.recipe import DatasetRecipe

    steps: list[tuple[str, float]] = []

    def note(step: str, done: int, total: int) -> None:
        if not steps or steps[-1][0] != step:
            steps.append((step, time.perf_counter()))

    made = assemble(DatasetRecipe("bench", sources=(("affectnet", str(source)),), split="80:10:10"), note)
    ends = [began for _, began in steps[1:]]
    seconds = {step: end - began for (step, began), end in zip(steps, ends, strict=False)}
    write_json(home() / "steps.json", {"steps_s": seconds, "fingerprint": open_dataset("bench").info.fingerprint})
    assert made.info.n_skipped == 0


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
