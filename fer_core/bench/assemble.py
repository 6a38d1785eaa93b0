"""Benchmark: from fer2013.csv to a finished data set, compared with reading it row by row."""

import csv
import tempfile
import time
from pathlib import Path

import numpy as np

from fer_core.bench.measured import Measured
from fer_core.datasets.assembling.assemble import assemble_into
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.sources.readers import check_path


def bench_assemble(path: Path) -> Measured:
    """Seconds from fer2013.csv to a finished data set, and seconds to read it row by row with csv and int().

    The second is what the constructor of torchvision.datasets.FER2013 does. The data set is temporary.

    Args:
        path: fer2013.csv, with a header of emotion, pixels and Usage.
    """
    check_path(path)
    started = time.perf_counter()
    n = _read_row_by_row(path)
    row_by_row = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        assemble_into(DatasetRecipe("bench", sources=(("fer2013", str(path)),)), Path(folder))
        assembled = time.perf_counter() - started
    return {"n": n, "row_by_row_s": row_by_row, "assemble_s": assembled, "ratio": assembled / row_by_row}


def _read_row_by_row(path: Path) -> int:
    with path.open(newline="") as file:
        faces = [np.array([int(v) for v in row["pixels"].split()], dtype=np.uint8) for row in csv.DictReader(file)]
    return len(faces)
