"""Assembled data sets, cached by name and the time they were made."""

import numpy as np
import streamlit as st

from fer_core.datasets.dataset import INFO, Dataset, dataset_names, open_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig


def load_infos() -> list[DatasetInfo]:
    """`dataset.json` of every data set, by name."""
    infos = []
    for name in dataset_names():
        try:
            infos.append(open_dataset(name).info)
        except InputError:
            continue
    return infos


def load_dataset(name: str) -> Dataset:
    """The data set; its table and memory map are kept between reruns while the folder is unchanged."""
    path = open_dataset(name).path
    return _load(name, (path / INFO).stat().st_mtime_ns)


def load_training(config: TrainConfig) -> Dataset:
    """The data set of a run, or its fold under cross-validation. Cached like `load_dataset`."""
    if not config.folds:
        return load_dataset(config.dataset)
    path = open_dataset(config.dataset).path
    return _load_fold(config.dataset, config.folds, config.fold, (path / INFO).stat().st_mtime_ns)


def load_face(name: str, face_id: str, digest: str | None) -> np.ndarray | None:
    """(H, W) uint8, the face with that name and those pixels; None if it is no longer in the data set."""
    dataset = load_dataset(name)
    row = dataset.find_rows([face_id], None if digest is None else [digest])[0]
    return np.array(dataset.faces[row]) if row >= 0 else None


def name_version(dataset: Dataset) -> str:
    """A text that changes when the data set is assembled again, used as a cache key."""
    return dataset.info.fingerprint + dataset.info.made


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(name: str, made: int) -> Dataset:
    return open_dataset(name)


@st.cache_resource(max_entries=4, show_spinner=False)
def _load_fold(name: str, folds: int, fold: int, made: int) -> Dataset:
    from fer_core.datasets.folds import open_fold  # scipy

    return open_fold(name, folds, fold)
