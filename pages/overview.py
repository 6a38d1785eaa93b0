"""Overview: data sets, runs, what is in progress, and what to do next."""

import streamlit as st

from dashboard.overview.next_step import show_next_step
from dashboard.services.datasets import load_infos
from dashboard.services.runs import load_summaries
from dashboard.shared.page import header
from dashboard.shared.run_progress import show_active_runs
from dashboard.shared.tables import show_datasets, show_runs
from dashboard.shared.unreadable import show_unreadable
from fer_core.base.devices import describe_devices
from fer_core.base.workspace import home
from fer_core.datasets.dataset import list_unreadable_datasets
from fer_core.runs.find import list_unreadable_runs

header("FER Studio", "Assemble data sets, train networks, find and explain their errors, and classify a photograph.")

infos, rows = load_infos(), load_summaries()
show_next_step(infos, rows)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Data sets", anchor=False)
    show_datasets(infos, "overview.datasets")
    show_unreadable("Data set", list_unreadable_datasets(), "overview.datasets.unreadable")
with right:
    st.subheader("Latest runs", anchor=False)
    show_runs(rows[:8], "overview.runs")
    show_unreadable("Run", list_unreadable_runs(), "overview.runs.unreadable")

st.subheader("Running now", anchor=False)
show_active_runs("overview")

st.caption(f"{' · '.join(describe_devices())} · files in {home()}")
