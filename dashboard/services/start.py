"""Work that is done once, when the server starts."""

import streamlit as st

from fer_core.runners.local import reconcile
from fer_core.studies.search.searches import reconcile_searches


@st.cache_resource
def start_once() -> None:
    """Starts processes for queued runs and searches that have none (after a restart of the machine)."""
    reconcile()
    reconcile_searches()
