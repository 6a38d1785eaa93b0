"""Train: choose a data set and a preset, change what you like, start, and watch."""

import streamlit as st

from dashboard.services.datasets import load_infos
from dashboard.services.runs import load_summaries
from dashboard.widgets.config_form import show_form
from dashboard.widgets.jobs import watch_run
from dashboard.widgets.page import empty_state, header, link, shown_errors
from dashboard.widgets.pickers import pick_run
from fer_core import jobs, kfold

header("Train", "Start a training in the background; it goes on when this page, the browser or the server is closed.")

infos = load_infos()
if not infos:
    empty_state("Training needs a data set, and there is none yet.", "data", "Make a data set")
    st.stop()

config = show_form(infos)
if config is not None:
    with shown_errors():
        started = "started on the Train page"
        run = kfold.start_folds(config, started).runs[0] if config.folds else jobs.submit(config, started)
        st.session_state["train.run"] = run.run_id
        st.toast(f"{run.title} is queued on {run.device}.", icon=":material/rocket_launch:")

rows = [row for row in load_summaries() if row["n_epochs"]]  # an ensemble has nothing to watch
if rows:
    st.subheader("Watch", anchor=False)
    run_id = pick_run(rows, "train.run")
    watch_run(run_id)
    link("train", "Duplicate: fill the form with this run's choices", query_params={"from": run_id})
