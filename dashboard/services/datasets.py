"""Assembled data sets, cached by name and the time they were made."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from fer_core.data.dataset import INFO, Dataset, dataset_names, open_dataset
from fer_core.errors import InputError


def load_infos() -> list[dict[str, Any]]:
    """`dataset.json` of every data set, by name."""
    infos = []
    for name in dataset_names():
        try:
            infos.append(open_dataset(name).info)
        except InputError:
            continue
    return infos


def load_dataset(name: str) -> Dataset:
    """The data set; its table and memory map are kept between reruns while the folder is the same."""
    path = open_dataset(name).path
    return _load(name, (path / INFO).stat().st_mtime_ns)


def sample_rows(table: pd.DataFrame, split: str, expression: str, source: str, n: int, seed: int) -> np.ndarray:
    """Up to `n` random row numbers that fit the filters ("all" lets everything through), in table order."""
    keep = np.ones(len(table), dtype=bool)
    for column, wanted in (("split", split), ("expression", expression), ("source", source)):
        if wanted != "all":
            keep &= (table[column] == wanted).to_numpy()
    rows = np.flatnonzero(keep)
    return np.sort(np.random.default_rng(seed).choice(rows, min(n, len(rows)), replace=False))


@st.cache_resource(max_entries=4, show_spinner=False)
def _load(name: str, made: int) -> Dataset:
    return open_dataset(name)
