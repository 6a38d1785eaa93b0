"""Sets of copies and leaks of a data set, cached."""

import pandas as pd
import streamlit as st

from dashboard.services.datasets import load_dataset, name_version
from fer_core.datasets.checks import copy_sets
from fer_core.datasets.counts import LeakCount
from fer_core.datasets.dataset import Dataset


def load_sets(dataset: Dataset) -> pd.DataFrame:
    """The sets of copies, from `fer_core.datasets.checks.copy_sets.list_sets`."""
    return _load_sets(dataset.name, name_version(dataset))


def load_leaks(dataset: Dataset) -> list[LeakCount]:
    """The test faces with a copy in training, from `fer_core.datasets.checks.copy_sets.count_leaks`."""
    return _load_leaks(dataset.name, name_version(dataset))


@st.cache_resource(max_entries=4, show_spinner="Counting copies ...")  # shared, and never changed
def _load_sets(name: str, version: str) -> pd.DataFrame:
    return copy_sets.list_sets(load_dataset(name).table)


@st.cache_data(max_entries=4, show_spinner=False)
def _load_leaks(name: str, version: str) -> list[LeakCount]:
    return copy_sets.count_leaks(load_dataset(name).table)
