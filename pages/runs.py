"""Runs: all runs in a table, and the curves of the chosen ones overlaid."""

import streamlit as st

from dashboard.figures.curves import compute_curves, plot_curves
from dashboard.figures.run_scores import compute_run_scores, plot_run_scores
from dashboard.runs.delete import offer_deletion
from dashboard.runs.ensemble import ensemble_button
from dashboard.runs.export import show_export
from dashboard.runs.kfold import show_groups
from dashboard.runs.results import show_results
from dashboard.services.runs import load_epochs, load_summaries
from dashboard.shared.diagnosis import show_diagnosis
from dashboard.shared.page import empty_state, header
from dashboard.shared.pickers import unique_titles
from dashboard.shared.tables import show_runs
from dashboard.shared.unreadable import show_unreadable
from dashboard.theme import CHART_CONFIG
from fer_core.jobs.state import State
from fer_core.runs.absent import explain_absent, read_absent
from fer_core.runs.find import get_run, list_unreadable_runs

COLUMNS = (
    "title", "state", "dataset", "model", "epochs", "val_accuracy", "accuracy", "accuracy_without_copies",
    "macro_f1", "ece", "created",
)  # fmt: skip

header(
    "Runs",
    "Compare runs: tick several in the table to overlay their curves, or one to read its diagnosis.",
)

rows, damaged = load_summaries(), list_unreadable_runs()
if not rows:
    show_unreadable("Run", damaged, "runs.unreadable")
    empty_state("No runs yet.", "train", "Train a network")
    show_results()
    st.stop()

key = f"runs.table.{rows[0].run_id}.{len(rows)}"  # ticks are positions: none may pass to another run
event = show_runs(rows, key, COLUMNS, on_select="rerun", selection_mode="multi-row")
show_unreadable("Run", damaged, "runs.unreadable")
ticked = [rows[i] for i in event.selection.rows if i < len(rows)]
chosen = ticked or rows[:3]
st.caption(
    "Test scores are for reporting only: each epoch was selected on the validation faces. Scores whose intervals "
    "overlap may not differ."
)  # fmt: skip
ensemble_button(ticked)

titles = unique_titles(chosen)
epochs = {titles[row.run_id]: load_epochs(row.run_id) for row in chosen if row.n_epochs}
if epochs:  # ensembles have none
    left, right = st.columns(2)
    left.plotly_chart(plot_curves(compute_curves(epochs, "loss")), key="runs.loss", config=CHART_CONFIG)
    right.plotly_chart(plot_curves(compute_curves(epochs, "accuracy")), key="runs.accuracy", config=CHART_CONFIG)
    if len(chosen) == 1:
        run = get_run(chosen[0].run_id)
        show_diagnosis(epochs[titles[run.run_id]], run.config, explain_absent(read_absent(run)))

scored = {titles[row.run_id]: row for row in chosen if row.accuracy is not None}
if scored:
    st.plotly_chart(plot_run_scores(compute_run_scores(scored)), key="runs.scores", config=CHART_CONFIG)
    st.caption(
        "Test accuracy with its 95 % interval, on all test faces and on those without a copy in the training faces."
    )

show_groups()

show_results()

st.subheader("Export", anchor=False)
show_export(rows)

st.subheader("Delete", anchor=False)
ended = {row.run_id: titles[row.run_id] for row in chosen if not State(row.state).is_active}
offer_deletion(ended | {row.name: f"{row.name} (unreadable)" for row in damaged})
