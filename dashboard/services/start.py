"""What happens once, when the server begins."""

import streamlit as st

from fer_core.runners.local import reconcile
from fer_core.studies.search.searches import reconcile_searches


@st.cache_resource
def start_once() -> None:
    """Finds queued runs and searches that no process serves (after a restart of the machine) and sees to them."""
    reconcile()
    reconcile_searches()
