"""Changes by votes and corrections in a data set, and the button that assembles it again with newer corrections."""

import pandas as pd
import streamlit as st

from dashboard.services.corrections import count_pending
from dashboard.services.datasets import load_dataset, name_version
from dashboard.shared.agreement import has_votes, show_agreement
from dashboard.shared.changes import show_changes
from dashboard.shared.labelling import RELABEL_ALL
from dashboard.shared.page import link, shown_errors
from dashboard.shared.tables import write_numbers
from fer_core.base.text import count_of
from fer_core.datasets.assembling.job import start_again
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import DatasetInfo


def show_labels(dataset: Dataset) -> None:
    """Draws corrections not applied yet, the changes of the last assembly, counts by kind, and agreement with votes."""
    info = dataset.info
    show_pending(dataset)
    show_changes(info)
    _show_overlay(info)
    link("review", "Review labels", icon=":material/rate_review:")
    st.subheader("Agreement with votes", anchor=False)
    if has_votes(dataset.name):
        show_agreement(dataset.name)
    else:
        st.caption("No source of this data set has votes. Put `fer2013new.csv` (FER+) beside `fer2013.csv`.")


def _show_overlay(info: DatasetInfo) -> None:
    labels, recipe = info.labels, info.recipe
    if labels.by_kind:
        kinds = (f"{k.kind} {k.changed:,} changed, {k.dropped:,} excluded" for k in labels.by_kind)
        n_gone = labels.n_changed_left_out
        gone = f"; flags or limits then excluded {n_gone:,} of the changed faces" if n_gone else ""
        st.markdown(f"**Compared with the sources' labels**: {'; '.join(kinds)}{gone}.")
        with st.expander("Changes by expression"):
            st.dataframe(
                write_numbers(pd.DataFrame([row.to_document() for row in labels.from_to])),
                hide_index=True,
                key="data.from_to",
            )
    else:
        st.markdown("Every face has its source's label.")
    if labels.n_held_back:
        st.caption(
            f"Not applied, so that scores stay comparable: {count_of(labels.n_held_back, 'change')} of validation "
            f"or test faces. To apply them, {RELABEL_ALL}."
        )
    if recipe.relabel == "all":
        st.caption(
            "Validation and test faces are relabelled too, so scores are not comparable with those on other labels."
        )


@st.fragment(run_every=1.0)
def show_pending(dataset: Dataset) -> None:
    """Draws how many corrections were made or undone since the data set was assembled, and a button to apply them.

    It follows decisions and assemblies made elsewhere; when the data set changes, the whole page is drawn again.
    """
    with st.container(horizontal=True, vertical_alignment="center"), shown_errors():
        if name_version(load_dataset(dataset.name)) != name_version(dataset):
            st.rerun()
        info = dataset.info
        n = count_pending(info) if info.recipe.corrections == "own" else 0
        if st.button(
            "Assemble again", key="labels.again", icon=":material/refresh:", type="primary" if n else "secondary"
        ):
            start_again(info.name)
            st.toast(f"{info.name} is being assembled; the Data page shows its progress.")
        st.markdown(describe_pending(n, info.labels.n_held_back))


def describe_pending(n: int, n_held_back: int) -> str:
    """Which corrections are applied.

    Args:
        n: corrections made or undone since the data set was assembled.
        n_held_back: changes of validation and test faces that are known but not applied.
    """
    if n:
        return f"Not applied yet: {count_of(n, 'correction')} made or undone since the last assembly."
    if n_held_back:
        return (
            f"Corrections of training faces are applied. {count_of(n_held_back, 'change')} of validation and test "
            f"faces are not applied; to apply them, {RELABEL_ALL}."
        )
    return "All corrections are applied."
