"""Data: what is there, and how to assemble more."""

import streamlit as st

from dashboard.services.datasets import load_dataset, load_infos
from dashboard.widgets.assembly import show_assemblies, show_recipe
from dashboard.widgets.dataset_view import show_counts, show_report, show_samples
from dashboard.widgets.distribution import show_distribution
from dashboard.widgets.labels import show_labels
from dashboard.widgets.page import header, shown_errors
from dashboard.widgets.pickers import pick_dataset

header("Data", "Join sources into one data set with an honest split, and look at the faces in it.")

infos = load_infos()
with st.expander("Assemble a data set", expanded=not infos, icon=":material/add:"):
    show_recipe(has_demo=any(info["name"] == "demo" for info in infos))
show_assemblies()

if not infos:
    st.info("No data set yet. Draw the demo faces above, or add a source by its path.", icon=":material/lightbulb:")
    st.stop()

name = pick_dataset(infos, "data.name")
with shown_errors():
    dataset = load_dataset(name)
    show_report(dataset.info)
    show_labels(dataset.info)
    show_counts(dataset.info)
    show_samples(dataset)
    show_distribution(dataset)
