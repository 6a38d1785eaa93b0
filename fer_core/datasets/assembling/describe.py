"""Builds the `dataset.json` of an assembled data set."""

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.copies import report_copies
from fer_core.datasets.counts import Alignment, LabelChanges, LeftOutCount, LimitedTraining, Quality
from fer_core.datasets.dataset import count_faces
from fer_core.datasets.face_file import read_chunks
from fer_core.datasets.info import DatasetInfo, KeptRecipe, SourceInfo, SourceProblem
from fer_core.datasets.splits import SPLITS
from fer_core.sources.records import Reading

MAX_PROBLEMS_KEPT = 1000


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes that an assembly made after reading the faces, in addition to what its table shows.

    Attributes:
        n_dropped_copies: faces that the rule for copies excluded.
        turned_searched: whether turned copies were searched for.
        labels: changes by votes and corrections.
        quality: flagged faces.
        balance: training faces before and after the limits.
        left_out: excluded faces, by reason.
    """

    n_dropped_copies: int
    turned_searched: bool
    labels: LabelChanges
    quality: Quality
    balance: LimitedTraining
    left_out: tuple[LeftOutCount, ...]


def describe(
    recipe: DatasetRecipe, readings: list[Reading], table: pd.DataFrame, faces: np.ndarray, changes: Changes
) -> DatasetInfo:
    """Sizes, counts, sources, problems, copies, fingerprint, recipe and changes.

    Args:
        recipe: its recipe.
        readings: of its sources, in order.
        table: the written table.
        faces: (N, H, W) uint8, may be memory-mapped.
        changes: made by the assembly.
    """
    problems = [(reading.source, problem) for reading in readings for problem in reading.problems]
    info = DatasetInfo(
        name=recipe.name,
        made=time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        drawn=all(reading.drawn for reading in readings),
        n=len(table),
        size_px=recipe.size,
        splits={split: int((table["split"] == split).sum()) for split in SPLITS},
        counts=count_faces(table),
        sources=tuple(_describe_source(reading, table) for reading in readings),
        n_skipped=len(problems),
        problems=tuple(
            SourceProblem(source=source, origin=problem.origin, message=problem.message)
            for source, problem in problems[:MAX_PROBLEMS_KEPT]
        ),
        copies=report_copies(table, recipe.near),
        fingerprint=compute_fingerprint(table, faces),
        recipe=KeptRecipe.model_validate(asdict(recipe)),
        n_dropped_copies=changes.n_dropped_copies,
        turned_searched=changes.turned_searched,
        labels=changes.labels,
        quality=changes.quality,
        balance=changes.balance,
        left_out=changes.left_out,
    )
    return info.model_copy(update={"alignment": _count_aligned(table)}) if recipe.align else info


def compute_fingerprint(table: pd.DataFrame, faces: np.ndarray) -> str:
    """The digest of all faces, names, labels and splits; equal for equal data sets on any machine."""
    with ThreadPoolExecutor(1) as pool:  # hashing lets go of the interpreter
        hashing = pool.submit(_hash_faces, faces)
        names = table[["face_id", "expression", "split"]].to_csv(index=False).encode()
        digest = hashing.result()
    digest.update(names)
    return digest.hexdigest()


def _hash_faces(faces: np.ndarray) -> "hashlib._Hash":
    digest = hashlib.sha256()
    for _, chunk in read_chunks(faces):
        digest.update(chunk.data)
    return digest


def _describe_source(reading: Reading, table: pd.DataFrame) -> SourceInfo:
    return SourceInfo(
        source=reading.source,
        layout=reading.layout,
        path=str(reading.root),
        n=int((table["source"] == reading.source).sum()),
        left_out=dict(reading.left_out),
        n_skipped=len(reading.problems),
        notes=tuple(reading.notes),
    )


def _count_aligned(table: pd.DataFrame) -> dict[str, Alignment]:
    """Source -> number of detected faces, for a table with the columns source and aligned, in the order of sources."""
    counts = table.groupby("source", sort=False)["aligned"].agg(["sum", "size"])
    return {
        str(source): Alignment(found=int(found), not_found=int(n - found)) for source, found, n in counts.itertuples()
    }
