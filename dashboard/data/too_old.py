"""Placeholder for a section whose content an old data set does not have."""

import streamlit as st

from dashboard.shared.page import shown_errors
from fer_core.datasets.assembling.job import start_again


def offer_again(name: str, why: str, label: str, key: str) -> None:
    """Draws the reason why there is nothing to show, and a button that assembles the data set again.

    Args:
        name: name of the data set.
        why: the reason, as a sentence.
        label: label of the button.
        key: key of the button.
    """
    st.info(why, icon=":material/lightbulb:")
    if st.button(label, key=key, icon=":material/refresh:"):
        with shown_errors():
            start_again(name)
            st.rerun()
