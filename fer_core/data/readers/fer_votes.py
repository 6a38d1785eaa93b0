"""FER+: how ten people tagged each face of FER2013.

Contents: `fer2013new.csv`, a line for each row of fer2013.csv, in the same order.
Labels: counts of votes for eight expressions, "unknown" and "NF" (no face).
Publication: Barsoum et al., Training Deep Networks for Facial Expression Recognition with Crowd-Sourced
Label Distribution, ICMI 2016. Licence: MIT.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.data.dataset import MAJORITY, VOTES
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS

VOTES_NAME = "fer2013new.csv"
# All that taggers could choose, by the names that they have here; the first seven are EXPRESSIONS in another order.
_COLUMNS = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy",
    "sadness": "sad", "surprise": "surprise", "neutral": "neutral",
    "contempt": "contempt", "unknown": "unknown", "NF": "not-a-face",
}  # fmt: skip


def read_votes(path: Path, rows: np.ndarray) -> pd.DataFrame:
    """Columns votes_<expression>: shares among the seven, NaN where none of the seven had a vote; and vote_majority.

    vote_majority is what more people chose than anything else: one of the seven, contempt, unknown, not-a-face; "tie"
    where two or more lead, None where nobody voted.

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
    votes = table.rename(columns=_COLUMNS)[list(_COLUMNS.values())].iloc[rows - 1]
    counts = votes[list(EXPRESSIONS)].to_numpy(np.float32)
    with np.errstate(invalid="ignore"):
        shares = counts / counts.sum(1, keepdims=True)
    columns = pd.DataFrame(shares, columns=[f"{VOTES}{expression}" for expression in EXPRESSIONS])
    return columns.assign(**{MAJORITY: _find_majority(votes)})


def _find_majority(votes: pd.DataFrame) -> np.ndarray:
    """(N,) object: the column with the most votes, "tie", or None."""
    counts = votes.to_numpy()
    most = counts.max(1)
    majority = votes.columns.to_numpy(object)[counts.argmax(1)]
    majority[(counts == most[:, None]).sum(1) > 1] = "tie"
    majority[most == 0] = None
    return majority
