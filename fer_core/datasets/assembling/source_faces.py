"""Writes the faces of one source to disk, and adds what was measured to its table."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from fer_core.datasets.assembling.decode import Chunk, Target, decode_arrays, decode_table, note_animated
from fer_core.pictures.measures import MEASURES
from fer_core.sources.records import Reading, refuse_problems


def write_source(
    reading: Reading, target: Target, skip_bad: bool, progress: Callable[[str, int, int], None]
) -> pd.DataFrame:
    """Writes the faces of a reading; returns the rows of the written faces with their measurements.

    These are sha256, side_px, MEASURES and, if requested, aligned. The index is the position in the target's file.
    Unreadable images are added to the reading's problems.

    Raises:
        InputError: at the first problem, unless such rows are skipped.
    """
    table = reading.table.assign(source=reading.source)
    rows = [np.empty(0, np.int64)]
    sha256: list[str] = []
    side_px: list[int] = []
    aligned: list[bool] = []
    measures = [np.empty((0, len(MEASURES)), np.float32)]
    n_done, n_animated = 0, 0
    for chunk in _decode(reading, target):
        reading.problems.extend(chunk.problems)
        if not skip_bad:
            refuse_problems(reading)
        rows.append(chunk.rows)
        sha256 += chunk.sha256
        side_px += chunk.side_px
        aligned += chunk.aligned
        measures.append(chunk.measures)
        n_animated += chunk.n_animated
        n_done += len(chunk.rows) + len(chunk.problems)
        progress(f"decoding {reading.source}", n_done, len(table))
    reading.notes += note_animated(n_animated)
    found = np.concatenate(rows)
    seen = table.iloc[found].set_axis(target.first + found).assign(sha256=sha256, side_px=side_px)
    seen[list(MEASURES)] = np.concatenate(measures)
    return seen.assign(aligned=aligned) if target.align else seen


def _decode(reading: Reading, target: Target) -> Iterator[Chunk]:
    if reading.pixels is not None:
        return decode_arrays(reading.pixels, target)
    return decode_table(reading.root, reading.table, target)
