"""Computations on a data set's sources for the page, cached by name and the time the data set was made."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from dashboard.figures.mean_faces import MeanFaces, compute_mean_faces
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.mean_faces import average_faces
from fer_core.datasets.originals import read_originals
from fer_core.labels import EXPRESSIONS

_SEED = 0


@dataclass(frozen=True)
class Samples:
    """Training faces of one source, one for each expression that it has.

    Attributes:
        source: its name.
        rows: (n,) row numbers of the data set.
        expressions: of these.
        originals: their pictures in the source, None for one that cannot be read any more.
    """

    source: str
    rows: np.ndarray
    expressions: tuple[str, ...]
    originals: tuple[Image.Image | None, ...]


def load_mean_faces(dataset: Dataset) -> MeanFaces:
    """The mean training faces of each source."""
    return _average(dataset.name, dataset.info.made, dataset.info.fingerprint, dataset)


def load_samples(dataset: Dataset) -> list[Samples]:
    """Samples of every source that has training faces."""
    return _draw(dataset.name, dataset.info.made, dataset.info.fingerprint, dataset)


@st.cache_data(max_entries=8, show_spinner="Averaging training faces ...")
def _average(name: str, made: str, fingerprint: str, _dataset: Dataset) -> MeanFaces:
    sources = _dataset.table["source"].unique().tolist()
    means, counts = average_faces(_dataset, sources)
    return compute_mean_faces(means, counts, sources)


@st.cache_data(max_entries=8, show_spinner="Reading the sources' pictures ...")
def _draw(name: str, made: str, fingerprint: str, _dataset: Dataset) -> list[Samples]:
    train = _dataset.table.iloc[_dataset.rows("train")]
    train = train[["source", "expression"]].assign(row=_dataset.rows("train"))
    drawn = train.sample(frac=1, random_state=_SEED).groupby(["source", "expression"]).head(1)
    original = dict(read_originals(_dataset, drawn["row"].to_numpy()))
    samples = []
    for source in train["source"].unique():
        part = drawn[drawn["source"] == source].set_index("expression")["row"]
        part = part.reindex([expression for expression in EXPRESSIONS if expression in part])
        originals = tuple(original.get(row) for row in part)
        samples.append(Samples(source, part.to_numpy(), tuple(part.index), originals))
    return samples
