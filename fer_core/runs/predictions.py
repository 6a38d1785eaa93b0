"""The answers of a run's network on its held-out faces, known by face_id and digest; never by a row number."""

from pathlib import Path

import pandas as pd

from fer_core.base.files import read_table
from fer_core.models.heads import LOGITS

PREDICTIONS = "predictions.parquet"


def read_predictions(folder: Path) -> pd.DataFrame:
    """One row a face, as `fer_core.evaluation.report.predict_split` makes them; earlier versions kept no digest.

    Args:
        folder: of a run, or of a later evaluation of it.

    Raises:
        FileNotFoundError: when there are none.
        UnreadableError: when the file is damaged.
    """
    return read_table(folder / PREDICTIONS, "face_id", "split", "expression", *LOGITS["labels"])
