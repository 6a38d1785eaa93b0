"""Which sources train which head, shown before a run is started."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.services.datasets import load_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.config import build_config
from fer_core.runs.masks import choose_sources, describe_masks


def show_masks(values: Mapping[str, Any], info: DatasetInfo) -> None:
    """Draws a sentence on which sources train which head; nothing for a single source.

    Args:
        values: values of the form, already checked against the data set.
        info: `dataset.json` of the chosen data set.
    """
    if len(info.sources) < 2 and not (values.get("labels_from") or values.get("people_from")):
        return
    dataset = load_dataset(info.name)
    config = choose_sources(build_config(values), dataset)
    sentence = describe_masks(config, dataset)
    if sentence:
        st.caption(sentence)
