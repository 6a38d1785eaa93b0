"""Train: choose a data set and a preset, change what you like, start, and watch."""

import streamlit as st

from dashboard.services.datasets import load_infos
from dashboard.services.runs import load_summaries
from dashboard.shared.config_form import show_form, use_rate
from dashboard.shared.page import empty_state, header, link, shown_errors
from dashboard.shared.pickers import pick_run
from dashboard.shared.run_progress import watch_run
from dashboard.train.extend import show_extension
from dashboard.train.lr_range import show_lr_range
from fer_core.runners import submit
from fer_core.runs.find import get_run
from fer_core.studies import kfold
from fer_core.studies.lr_range import Sweep
from fer_core.studies.lr_range_job import start_lr_range

header("Train", "Start a run in the background. It continues when this page, the browser or the server is closed.")

infos = load_infos()
if not infos:
    empty_state("There is no data set to train on yet.", "data", "Make a data set")
    st.stop()

asked = show_form(infos)
if asked is not None:
    what, config = asked
    with shown_errors():
        started = "started on the Train page"
        if what == "lr_range":
            start_lr_range(config, started, Sweep())
        else:
            run = kfold.start_folds(config, started).runs[0] if config.folds else submit.submit(config, started)
            st.session_state["train.run"] = run.run_id
            st.toast(f"{run.title} is queued on {run.device}.", icon=":material/rocket_launch:")
show_lr_range(use_rate)

rows = [row for row in load_summaries() if row.n_epochs]  # an ensemble has nothing to watch
if rows:
    st.subheader("Watch", anchor=False)
    run_id = pick_run(rows, "train.run")
    watch_run(run_id)
    show_extension(get_run(run_id), "train")
    link("train", "Duplicate: fill the form with this run's options", query_params={"from": run_id})
