"""What happens once, when the server begins."""

import streamlit as st

from fer_core.runners.local import reconcile


@st.cache_resource
def start_once() -> None:
    """Finds queued runs that no supervisor serves (after a restart of the machine) and sees to them."""
    reconcile()
