"""A data set's card, to read and to download."""

import re

import streamlit as st

from fer_core.datasets.assembling.card import CARD, read_card
from fer_core.datasets.dataset import Dataset


def show_card(dataset: Dataset) -> None:
    """Draws CARD.md, with a button that downloads it."""
    card = read_card(dataset.path, dataset.info)
    st.download_button(
        f"Download {CARD}", card, f"{dataset.name}-{CARD}", "text/markdown", key="data.card",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    text = card.partition("\n---\n")[2]  # the front matter is for programs
    st.markdown(re.sub("^#", "###", text, flags=re.MULTILINE))  # under the page's own headings
