"""What stands in a section where a data set is too old to have what the section shows."""

import streamlit as st

from dashboard.shared.page import shown_errors
from fer_core.datasets.assembling.job import start_again


def offer_again(name: str, why: str, label: str, key: str) -> None:
    """Says why there is nothing to show, and offers to assemble the data set again.

    Args:
        name: of the data set.
        why: a sentence.
        label: of the button.
        key: of the button.
    """
    st.info(why, icon=":material/lightbulb:")
    if st.button(label, key=key, icon=":material/refresh:"):
        with shown_errors():
            start_again(name)
            st.rerun()
