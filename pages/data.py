"""Data: what is there, and how to assemble more."""

import streamlit as st

from dashboard.services.datasets import load_dataset, load_infos
from dashboard.widgets.assembly import show_recipe
from dashboard.widgets.assembly_jobs import show_assemblies, show_made
from dashboard.widgets.balance import show_balance
from dashboard.widgets.card import show_card
from dashboard.widgets.copies import show_copies
from dashboard.widgets.dataset_view import show_overview, show_sizes
from dashboard.widgets.distribution import show_distribution
from dashboard.widgets.face_browser import show_browser
from dashboard.widgets.labels import show_labels
from dashboard.widgets.left_out import show_left_out
from dashboard.widgets.page import header, shown_errors
from dashboard.widgets.pickers import pick_dataset
from dashboard.widgets.quality import show_quality

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

header("Data", "Join sources into one data set with an honest split, and look at the faces in it.")

infos = load_infos()
with st.expander("Assemble a data set", expanded=not infos, icon=":material/add:"):
    show_recipe(infos)
show_assemblies()

if not infos:
    st.info("No data set yet. Draw the demo faces above, or add a source by its path.", icon=":material/lightbulb:")
    st.stop()

name = pick_dataset(infos, "data.name")
with shown_errors():
    dataset = load_dataset(name)
    show_made(dataset.info)
    show_sizes(dataset.info)
    section = st.segmented_control(
        "Section", list(SECTIONS), default="Overview", key="data.section", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    SECTIONS[section](dataset)
