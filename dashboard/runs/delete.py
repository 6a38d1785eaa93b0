"""Deleting runs, with a confirmation."""

import streamlit as st

from dashboard.shared.confirm import delete_button
from fer_core.runs.find import delete_run, get_run_to_delete


def offer_deletion(titles: dict[str, str]) -> None:
    """Draws a picker of the runs (id -> title) and a button that asks for confirmation."""
    if not titles:
        st.caption("Runs that are training or queued cannot be deleted.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox("Run to delete", list(titles), format_func=lambda r: titles[r], key="runs.delete")
        gone = f"**{titles[run_id]}** ({run_id}): its weights, curves and predictions will be deleted permanently."
        delete_button("run", lambda: gone, lambda: delete_run(get_run_to_delete(run_id)), "runs")
