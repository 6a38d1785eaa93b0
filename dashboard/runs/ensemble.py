"""Averaging the ticked runs into an ensemble."""

import streamlit as st

from dashboard.shared.page import shown_errors
from fer_core.runs.find import get_run
from fer_core.runs.summary import RunSummary


def ensemble_button(rows: list[RunSummary]) -> None:
    """Draws a button that makes an ensemble of the finished runs in `rows`; disabled if there are fewer than two."""
    finished = [row.run_id for row in rows if row.state == "finished"]
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(
            "Make an ensemble",
            key="runs.ensemble",
            icon=":material/groups:",
            disabled=len(finished) < 2,
            help="Tick two or more finished runs to average their probabilities in a new run.",
        )
        greedy = st.toggle(
            "Greedy",
            key="runs.greedy",
            help=(
                "Start with the best run and repeatedly add the one that helps most on the validation faces. Off: "
                "all runs count equally."
            ),
        )
    if asked:
        with shown_errors(), st.spinner("Averaging ..."):
            from fer_core.studies.ensemble import make_ensemble

            made = make_ensemble([get_run(run_id) for run_id in finished], greedy=greedy)
            st.toast(f"{made.title}: {made.job.message}", icon=":material/groups:")
            st.rerun()
