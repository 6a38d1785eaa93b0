"""Benchmark: finding near copies of learned faces by hash distance, compared with comparing pixels."""

import numpy as np

from fer_core.bench.measured import Measured
from fer_core.bench.recall import compare_all
from fer_core.datasets.checks.near_copies import hash_faces, mirror_hashes
from fer_core.datasets.dataset import open_dataset
from fer_core.runs.origins.learned import find_close

_MOST_BITS = 12


def bench_learned(name: str) -> Measured:
    """Compares the hashes of all held-out faces with those of the training faces, plain and mirrored.

    Only the first of each set of exact copies counts. The time grows with the product of the two numbers.

    Args:
        name: of a data set.

    Returns:
        faces (held out), near (those with a near copy in training by their pixels), and by_bits: for each
        maximum number of differing bits, how many of the near ones are `found`, and how many others match (`false`).
    """
    dataset = open_dataset(name)
    rows = np.flatnonzero(~dataset.table["sha256"].duplicated().to_numpy())
    faces = np.array(dataset.faces[rows])
    is_train = (dataset.table["split"].to_numpy()[rows] == "train").nonzero()[0]
    held_out = np.setdiff1d(np.arange(len(rows)), is_train)
    near = np.isin(held_out, compare_all(faces, held_out, is_train)[:, 0])
    hashes = hash_faces(faces, np.arange(len(rows)))
    learned, asked = hashes[is_train], hashes[held_out]
    by_bits = []
    for bits in range(_MOST_BITS + 1):
        close = find_close(asked, learned, bits) | find_close(mirror_hashes(asked), learned, bits)
        by_bits.append({"bits": bits, "found": int((close & near).sum()), "false": int((close & ~near).sum())})
    return {"faces": len(held_out), "near": int(near.sum()), "by_bits": by_bits}
