"""What will teach which head, said before a training is started."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.services.datasets import load_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.config import build_config
from fer_core.runs.masks import choose_sources, describe_masks


def show_masks(values: Mapping[str, Any], info: DatasetInfo) -> None:
    """A sentence on which sources teach which head; nothing for one source alone.

    Args:
        values: of the form, which fit the data set.
        info: `dataset.json` of the chosen data set.
    """
    if len(info.sources) < 2 and not (values.get("labels_from") or values.get("people_from")):
        return
    dataset = load_dataset(info.name)
    config = choose_sources(build_config(values), dataset)
    sentence = describe_masks(config, dataset)
    if sentence:
        st.caption(sentence)
