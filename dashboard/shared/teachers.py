"""What is said of the teachers that the Train page's form names, before a training starts."""

import streamlit as st

from dashboard.services.datasets import load_dataset
from dashboard.shared.form_words import in_form_words
from dashboard.shared.page import shown_errors
from fer_core.errors import InputError
from fer_core.runs.config import Settings, split_names
from fer_core.runs.cross_fitting import explain_learned
from fer_core.runs.teachers import check_teachers, find_teacher


def show_teachers(dataset: str, values: Settings) -> None:
    """A sentence where teachers are absent or do not fit, or have learned the training faces; else nothing.

    Args:
        dataset: by name.
        values: of the form: `teacher` and `teacher_views`.
    """
    with shown_errors():
        for sentence in _explain(dataset, split_names(values["teacher"]), values["teacher_views"]):
            st.info(in_form_words(sentence), icon=":material/school:")


def _explain(dataset: str, names: tuple[str, ...], n_views: int) -> list[str]:
    if not names and n_views < 2:
        return []
    opened = load_dataset(dataset)
    try:
        check_teachers(names, n_views, opened.info.size_px)
    except InputError as error:
        return [str(error)]
    return explain_learned([find_teacher(name) for name in names], opened)
