"""Predictions of earlier versions kept a face's name alone; names pass to other faces when a source is reordered."""

import numpy as np
import pandas as pd

from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.runs.info import RunInfo


def fill_digests(table: pd.DataFrame, info: RunInfo | None) -> pd.DataFrame:
    """The table with the column `digest`, as `fer_core.datasets.dataset.Dataset.digests` has it.

    Where it was not kept, it is that of the face of this name while the data set is the very version that was
    predicted; on any other it is "", which no face has, so that no other picture is taken for the one predicted.

    Args:
        table: one row a face, with the column face_id.
        info: of the run that predicted; None where it is gone.
    """
    if "digest" in table:
        return table
    digests = np.full(len(table), "", dtype=object)
    if info is None:
        return table.assign(digest=digests)
    try:
        dataset = open_dataset(info.dataset)
    except InputError:
        return table.assign(digest=digests)
    if dataset.info.fingerprint == info.dataset_fingerprint:
        rows = dataset.find_rows(table["face_id"])
        digests = np.where(rows >= 0, dataset.digests[rows], "")
    return table.assign(digest=digests)
