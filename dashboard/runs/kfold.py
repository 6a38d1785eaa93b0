"""Cross-validations: mean and standard deviation over the folds, and buttons to stop, resume and delete them."""

import pandas as pd
import streamlit as st

from dashboard.shared.confirm import delete_button
from dashboard.shared.page import shown_errors
from dashboard.shared.tables import NOTHING
from dashboard.shared.unreadable import show_unreadable
from fer_core.base.text import count_of
from fer_core.runs.groups import list_groups
from fer_core.studies import kfold
from fer_core.studies.kfold_scores import (
    GroupSummary,
    format_spread,
    list_damaged_groups,
    summarise_groups,
)

_SHOWN = (
    ("Left-out fold: accuracy", "val", "accuracy"),
    ("macro F1", "val", "macro_f1"),
    ("calibration error", "val", "ece"),
    ("Test: accuracy", "test", "accuracy"),
    ("without copies", "test", "accuracy_without_copies"),
    ("test macro F1", "test", "macro_f1"),
)


def show_groups() -> None:
    """Draws a table of the cross-validations and the buttons for the chosen one; nothing if there are none."""
    groups, damaged = list_groups(), list_damaged_groups()
    if not groups and not damaged:
        return
    st.subheader("Cross-validation", anchor=False)
    show_unreadable("Cross-validation", damaged, "runs.kfold.unreadable")
    if not groups:
        return
    rows = summarise_groups()
    st.dataframe(_table(rows), hide_index=True, key="runs.kfold", placeholder=NOTHING)
    st.caption(
        "Mean and standard deviation over the finished folds. Each fold's best epoch was selected on its "
        "left-out faces, so their scores are slightly optimistic; all folds share the same test faces."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"), shown_errors():
        group = st.selectbox("Cross-validation", groups, format_func=lambda g: g.group_id, key="runs.group")
        if st.button("Stop", key="runs.group.stop", icon=":material/stop:"):
            st.toast(f"{count_of(kfold.stop_group(group), 'run')} stopping or removed from the queue.")
        if st.button("Resume", key="runs.group.resume", icon=":material/resume:"):
            st.toast(f"{count_of(kfold.resume_group(group), 'run')} queued.")
        gone = (
            f"**{group.group_id}**: its {count_of(len(group.runs), 'run')} and its out-of-fold probabilities will "
            "be deleted permanently."
        )
        delete_button("cross-validation", lambda: gone, lambda: kfold.delete_group(group), "runs.group")


def _table(rows: list[GroupSummary]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "Name": [row["title"] for row in rows],
            "Data set": [row["dataset"] for row in rows],
            "Folds": [f"{row['n_finished']} of {row['folds']}" for row in rows],
        }
    )
    for column, split, score in _SHOWN:
        table[column] = [format_spread(row["scores"][split].get(score), score) for row in rows]
    return table.assign(Group=[row["group"] for row in rows])
