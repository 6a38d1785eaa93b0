"""Deleting runs, asked twice."""

import streamlit as st

from dashboard.shared.page import shown_errors
from fer_core.runs.run import delete_run, get_run_to_delete


def delete_button(titles: dict[str, str]) -> None:
    """A picker of one of the runs, by id and with a title each, and a button that opens the question."""
    if not titles:
        st.caption("Only runs that neither train nor wait can be deleted.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox("Run to delete", list(titles), format_func=lambda r: titles[r], key="runs.delete")
        if st.button("Delete ...", key="runs.ask", icon=":material/delete:"):
            _confirm(run_id, titles[run_id])


@st.dialog("Delete this run?")
def _confirm(run_id: str, title: str) -> None:
    st.markdown(f"**{title}** ({run_id}): its weights, curves and predictions will be gone for good.")
    with st.container(horizontal=True), shown_errors():
        if st.button("Delete for good", type="primary", key="runs.confirm"):
            delete_run(get_run_to_delete(run_id))
            st.rerun()
        if st.button("Keep it", key="runs.keep"):
            st.rerun()
