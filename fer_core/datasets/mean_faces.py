"""The mean face of each expression and source, which shows a source's typical crop and lighting."""

import numpy as np

from fer_core.datasets.dataset import Dataset
from fer_core.datasets.face_file import read_chunks
from fer_core.labels import N_EXPRESSIONS


def average_faces(dataset: Dataset, sources: list[str], split: str = "train") -> tuple[np.ndarray, np.ndarray]:
    """(S, 7, H, W) float64 means of the split's faces, 0 to 255, NaN without faces, and (S, 7) their counts.

    Args:
        dataset: read in parts, so it may be larger than memory.
        sources: S names, the first axis.
        split: train, val or test.
    """
    rows = dataset.rows(split)
    source = dataset.table["source"].map({name: i for i, name in enumerate(sources)}).to_numpy()[rows]
    cell = source * N_EXPRESSIONS + dataset.labels[rows]
    n_cells, shape = len(sources) * N_EXPRESSIONS, dataset.faces.shape[1:]
    sums = np.zeros((n_cells, int(np.prod(shape))))
    for start, faces in read_chunks(dataset.faces, rows):
        member = np.arange(n_cells)[:, None] == cell[start : start + len(faces)]
        # A part's sums are whole numbers below 2^24, so exact.
        sums += member.astype(np.float32) @ faces.reshape(len(faces), -1).astype(np.float32)
    counts = np.bincount(cell, minlength=n_cells)
    means = np.divide(sums, counts[:, None], out=np.full_like(sums, np.nan), where=counts[:, None] > 0)
    return means.reshape(len(sources), N_EXPRESSIONS, *shape), counts.reshape(len(sources), -1)
