"""The faces excluded when assembling, cached."""

import streamlit as st

from dashboard.services.datasets import load_dataset, name_version
from fer_core.datasets.assembling.left_out import LeftOut, open_left_out
from fer_core.datasets.dataset import Dataset


def load_left_out(dataset: Dataset) -> LeftOut:
    """The result of `open_left_out`, kept between reruns."""
    return _load(dataset.name, name_version(dataset))


@st.cache_resource(max_entries=4, show_spinner=False)  # shared, and never changed
def _load(name: str, version: str) -> LeftOut:
    return open_left_out(load_dataset(name))
