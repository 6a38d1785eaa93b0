"""Deleting a data set, with a confirmation that names the runs trained on it."""

import streamlit as st

from dashboard.shared.confirm import delete_button
from fer_core.base.text import count_of
from fer_core.datasets.dataset import Dataset
from fer_core.studies.dataset_use import delete_unused, find_use

_DELETED = "data.deleted"  # name of the data set that was just deleted


def show_deleted() -> None:
    """Says which data set was just deleted, in the run after the deletion: a rerun discards a toast sent before it."""
    name = st.session_state.pop(_DELETED, None)
    if name:
        st.toast(f"{name} is deleted.", icon=":material/delete:")


def offer_deletion(dataset: Dataset) -> None:
    """Draws the button that deletes the chosen data set."""
    name = dataset.name
    delete_button("data set", lambda: _describe(dataset), lambda: _delete(name), "data.delete")


def _describe(dataset: Dataset) -> str:
    use = find_use(dataset.name)
    if use.at_work:
        return f"**{dataset.name}** cannot be deleted now. {' '.join(use.at_work)}"
    return (
        f"**{dataset.name}**: its {count_of(dataset.info.n, 'face')} will be deleted permanently. Its sources and "
        f"its list of corrections are kept. {use.describe()}"
    )


def _delete(name: str) -> None:
    delete_unused(name)
    st.session_state[_DELETED] = name
