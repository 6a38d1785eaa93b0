"""FER+: how ten people tagged each face of FER2013.

Contents: `fer2013new.csv`, a line for each row of fer2013.csv, in the same order.
Labels: counts of votes for eight expressions, "unknown" and "NF" (no face).
Publication: Barsoum et al., Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution, ICMI 2016. Licence: MIT.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.data.dataset import VOTES
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS

VOTES_NAME = "fer2013new.csv"
_COLUMNS = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy",
    "sadness": "sad", "surprise": "surprise", "neutral": "neutral",
}  # fmt: skip


def read_votes(path: Path, rows: np.ndarray) -> pd.DataFrame:
    """Columns votes_<expression>: shares among the seven, NaN where none of the seven had a vote.

    Args:
        path: of fer2013new.csv.
        rows: (n,) row numbers in fer2013.csv, the first being 1.

    Raises:
        InputError: when a column is missing, or the file has fewer rows than are asked for.
    """
    table = pd.read_csv(path)
    missing = [column for column in _COLUMNS if column not in table]
    if missing or len(table) < rows.max(initial=0):
        fault = f"lacks the columns {', '.join(missing)}" if missing else f"has only {len(table):,} rows"
        raise InputError(f"{path} {fault}, so its votes cannot be used. Download it again, or move it away.")
    counts = table.rename(columns=_COLUMNS)[list(EXPRESSIONS)].to_numpy(np.float32)[rows - 1]
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(1, keepdims=True)
    return pd.DataFrame(shares, columns=[f"{VOTES}{expression}" for expression in EXPRESSIONS])
