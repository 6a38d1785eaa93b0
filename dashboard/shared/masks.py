"""What will teach which head, said before a training is started."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.services.datasets import load_dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.runs.config import build_config
from fer_core.runs.masks import check_sources, choose_sources, describe_masks


def show_masks(values: Mapping[str, Any], info: DatasetInfo) -> None:
    """A sentence on which sources teach which head, or what is wrong with the choice; nothing for one source alone.

    Args:
        values: of the form; other faults than those of the sources are told when the training is started.
        info: `dataset.json` of the chosen data set.
    """
    if len(info.sources) < 2 and not (values.get("labels_from") or values.get("people_from")):
        return
    try:
        config = build_config(values)
    except InputError:
        return
    try:
        dataset = load_dataset(info.name)
        config = choose_sources(config, dataset)
        check_sources(config, dataset)
    except InputError as error:
        st.warning(str(error), icon=":material/call_split:")
        return
    sentence = describe_masks(config, dataset)
    if sentence:
        st.caption(sentence)
