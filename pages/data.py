"""Data: the data sets, and a form to assemble more."""

import streamlit as st

from dashboard.data.assembly import show_recipe
from dashboard.data.assembly_jobs import show_assemblies, show_made
from dashboard.data.balance import show_balance
from dashboard.data.card import show_card
from dashboard.data.copies import show_copies
from dashboard.data.delete import offer_deletion, show_deleted
from dashboard.data.distribution import show_distribution
from dashboard.data.face_browser import show_browser
from dashboard.data.left_out import show_left_out
from dashboard.data.overview import show_overview, show_sizes
from dashboard.data.quality import show_quality
from dashboard.services.datasets import load_dataset, load_infos
from dashboard.shared.page import header, shown_errors
from dashboard.shared.pending import show_labels
from dashboard.shared.pickers import pick_dataset
from dashboard.shared.unreadable import show_unreadable
from fer_core.datasets.dataset import list_unreadable_datasets

SECTIONS = {  # only the chosen one runs
    "Overview": show_overview,
    "Copies": show_copies,
    "Labels": show_labels,
    "Quality": show_quality,
    "Left out": show_left_out,
    "Balance": show_balance,
    "Sources": show_distribution,
    "Faces": show_browser,
    "Card": show_card,
}

header("Data", "Combine sources into one data set, split it reliably, and inspect its faces.")
show_deleted()

infos = load_infos()
with st.expander("Assemble a data set", expanded=not infos, icon=":material/add:"):
    show_recipe(infos)
show_assemblies()

show_unreadable("Data set", list_unreadable_datasets(), "data.unreadable")

if not infos:
    st.info("No data sets yet. Draw the demo faces above, or add a source by its path.", icon=":material/lightbulb:")
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    name = pick_dataset(infos, "data.name")
    deletion = st.container(width="content")
with shown_errors():
    dataset = load_dataset(name)
    with deletion:
        offer_deletion(dataset)
    show_made(dataset.info)
    show_sizes(dataset.info)
    section = st.segmented_control(
        "Section", list(SECTIONS), default="Overview", key="data.section", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[section](dataset)
