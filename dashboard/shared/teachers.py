"""Notes on the teachers in the Train page's form, before a run is started."""

import streamlit as st

from dashboard.services.datasets import load_dataset
from dashboard.shared.form_words import in_form_words
from fer_core.runs.config import Settings, split_names
from fer_core.runs.origins.cross_fitting import explain_learned
from fer_core.runs.origins.teachers import find_teacher


def show_teachers(dataset: str, values: Settings) -> None:
    """Draws a sentence if a teacher was trained on the training faces itself.

    Args:
        dataset: name of the data set.
        values: values of the form, already checked against the data set.
    """
    names = split_names(values["teacher"])
    if not names:
        return
    for sentence in explain_learned([find_teacher(name) for name in names], load_dataset(dataset)):
        st.info(in_form_words(sentence), icon=":material/school:")
