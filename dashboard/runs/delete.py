"""Deleting runs, asked twice."""

from typing import Any

import streamlit as st

from dashboard.shared.confirm import delete_button
from fer_core.runs.run import delete_run, get_run


def offer_deletion(rows: list[dict[str, Any]], titles: dict[str, str]) -> None:
    """A picker of one of the runs and a button that opens the question."""
    if not rows:
        st.caption("Only runs that neither train nor wait can be deleted.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            "Run to delete", [row["run_id"] for row in rows], format_func=lambda r: titles[r], key="runs.delete"
        )
        gone = f"**{titles[run_id]}** ({run_id}): its weights, curves and predictions will be gone for good."
        delete_button("run", lambda: gone, lambda: delete_run(get_run(run_id)), "runs")
