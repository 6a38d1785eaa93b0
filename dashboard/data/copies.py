"""Copies in a data set: how many, which test faces they affect, and the sets themselves."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.data.copy_rules import COPY_CHOICES
from dashboard.data.face_record import find_linked, forget_face, show_record, show_sets
from dashboard.figures.copies import BY, compute_copies, plot_copies
from dashboard.figures.leaks import compute_leaks, plot_leaks
from dashboard.services.copies import load_leaks, load_sets
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of
from fer_core.datasets.counts import LeakCount
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.select import number_sets

N_COLUMNS, N_SETS = 9, 6
PAGE = "data.set"
KINDS = {
    "contradicting labels": lambda sets: sets["n_labels"] > 1,
    "across splits": lambda sets: sets["n_splits"] > 1,
    "near copies": lambda sets: ~sets["exact"],
    "all, the largest first": lambda sets: sets["n"] > 1,
}


def show_copies(dataset: Dataset) -> None:
    """Draws two charts of counts, then sets of the chosen kind with their faces side by side."""
    sets = load_sets(dataset)
    if sets.empty:
        st.info("No face of this data set has a copy.", icon=":material/check:")
        return
    by = st.segmented_control("Group sets by", BY, default=BY[0], key="data.sets_by", required=True)
    st.plotly_chart(plot_copies(compute_copies(sets, by)), key="data.copy_counts", config=CHART_CONFIG)
    st.caption(_describe_sets(dataset, sets))
    _show_leaks(load_leaks(dataset))
    _show_gallery(dataset, sets)


def _show_leaks(leaks: list[LeakCount]) -> None:
    st.markdown("**Test faces with a copy among the training faces**")
    if not any(leak.exact or leak.near for leak in leaks):
        unknown = any(leak.near is None for leak in leaks)
        st.success(
            "None has an exact copy there; near copies were not searched for."
            if unknown
            else "None has an exact or near copy there.",
            icon=":material/check:",
        )
        return
    st.plotly_chart(plot_leaks(compute_leaks(leaks)), key="data.leaks", config=CHART_CONFIG)
    st.caption(
        "A network may have memorised these faces, so every test score is also given without faces that have an "
        f"exact copy. To train without those copies, assemble with *Copies* set to *{COPY_CHOICES['drop_leaks']}*."
    )


@st.fragment
def _show_gallery(dataset: Dataset, sets: pd.DataFrame) -> None:
    st.subheader("The faces of each set", anchor=False)
    kind = st.segmented_control(
        "Kind", list(KINDS), default="contradicting labels", key="data.set_kind", bind="query-params", required=True,
        label_visibility="collapsed", on_change=_begin_anew,
    )  # fmt: skip
    chosen = sets[KINDS[kind](sets)]
    if chosen.empty:
        st.info("This data set has no sets of this kind. Choose another kind.", icon=":material/check:")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{count_of(len(chosen), 'set')}**, {count_of(int(chosen['n'].sum()), 'face')}")
        n_pages = -(-len(chosen) // N_SETS)
        page = st.pagination(n_pages, key=PAGE, bind="query-params", on_change=forget_face) if n_pages > 1 else 1
    shown = chosen.iloc[(page - 1) * N_SETS : page * N_SETS]
    numbers = number_sets(dataset.table)
    rows = [_put_different_first(dataset, np.flatnonzero(numbers == number)) for number in shown.index]
    show_sets(dataset, list(zip(map(_describe, shown.itertuples()), rows, strict=True)), N_COLUMNS, "data.sets")
    show_record(dataset, find_linked(dataset), f"copies: {kind}")


def _begin_anew() -> None:
    st.session_state[PAGE] = 1
    forget_face()


def _describe_sets(dataset: Dataset, sets: pd.DataFrame) -> str:
    """How the bars relate to the counts of exact copies, and why sets remain although copies were removed."""
    n_groups, n_apart = dataset.info.copies.groups, int(sets["exact"].sum())
    parts = [
        f"{count_of(len(sets), 'set')} in total. Groups of exact copies: {n_groups:,}, "
        f"{n_groups - n_apart:,} of them with near copies."
    ]
    n_dropped = dataset.info.n_dropped_copies
    if n_dropped:
        parts.append(f"Removed: {count_of(n_dropped, 'copy')}; test faces are always kept.")
    if (sets["n_splits"] == 1).all():
        where = dataset.table["split"].iloc[sets["first"]].value_counts(sort=False)
        places = ", ".join(f"{n:,} in {split}" for split, n in where.items())
        parts.append(f"Each set lies within one split ({places}), so no score depends on a copy of a training face.")
    return " ".join(parts)


def _put_different_first(dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """The same rows, with the first face of each label and split moved to the front."""
    again = dataset.table[["expression", "split"]].iloc[rows].duplicated().to_numpy()
    return rows[np.argsort(again, kind="stable")]


def _describe(copies: Any) -> str:
    """One line about a set."""
    parts = [f"{copies.n:,} {'exact copies' if copies.exact else 'faces, near copies among them'}"]
    if copies.n_labels > 1:
        parts.append(f"{copies.n_labels} different labels")
    if copies.n_splits > 1:
        parts.append(f"in {copies.n_splits} splits")
    return " · ".join(parts)
