"""One assembled data set in numbers: its size, sources and classes."""

import pandas as pd
import streamlit as st

from dashboard.figures.class_counts import SCALES, compute_class_counts, plot_class_counts
from dashboard.shared.form_words import in_form_words
from dashboard.shared.tables import write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of
from fer_core.datasets.assembling.left_out import sum_reasons
from fer_core.datasets.checks.copies import name_places
from fer_core.datasets.checks.turned.search import explain_unsearched
from fer_core.datasets.counts import CopyReport
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import DatasetInfo


def show_sizes(info: DatasetInfo) -> None:
    """Draws the number of faces in total and per split, and of test faces with a copy in training."""
    with st.container(horizontal=True, gap="medium"):
        st.metric("Faces", f"{info.n:,}", help=f"{info.size_px} px a side, grey", width="content")
        for split in ("train", "val", "test"):
            st.metric(split, f"{info.splits[split]:,}", width="content")
        _show_copies_in_train(info.copies)
    if info.drawn:
        st.info(
            "These faces are drawn by the program for trying things out; scores on them say nothing about photographs.",
            icon=":material/draw:",
        )


def show_overview(dataset: Dataset) -> None:
    """Draws the classes by source and split, each source, and what was excluded and skipped."""
    info = dataset.info
    _show_counts(info)
    st.subheader("Sources", anchor=False)
    left_out = sum_reasons(info)
    sources = pd.DataFrame(
        {
            "Source": part.source,
            "Layout": part.layout,
            "Faces": part.n,
            "Left out": left_out[part.source].total(),
            "Skipped": part.n_skipped,
        }
        for part in info.sources
    )
    st.dataframe(write_numbers(sources), hide_index=True, key="data.sources")
    for part in info.sources:
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in left_out[part.source].items())
        remarks = ([f"excluded: {reasons}"] if reasons else []) + [in_form_words(note) for note in part.notes]
        if remarks:
            st.caption(f"**{part.source}**: {'; '.join(remarks)}.")
    st.caption(f"{_describe_copies(info)} · split {info.recipe.split} · fingerprint {info.fingerprint[:16]}")
    if info.problems:
        with st.expander(f"Skipped: {count_of(info.n_skipped, 'row or image')}"):
            problems = [p.to_document() | {"message": in_form_words(p.message)} for p in info.problems]
            st.dataframe(pd.DataFrame(problems), hide_index=True, key="data.problems")


def _show_copies_in_train(copies: CopyReport) -> None:
    near = copies.near
    st.metric(
        "Test faces with a copy in training",
        f"{copies.test_faces_with_copy_in_train:,}",
        f"{near.test_faces_with_copy_in_train:,} with near copies" if near else None,
        delta_color="off",
        delta_arrow="off",
        help=(
            "Exact copies; below, including near copies (mirrored, re-encoded, rescaled). Every test score is also "
            "given without faces that have an exact copy."
        ),
        width="content",
    )


def _describe_copies(info: DatasetInfo) -> str:
    copies, places = info.copies, name_places(info.recipe.copies)
    parts = [
        f"{count_of(counts.groups, 'group')} of {kind} copies ({count_of(counts.images, 'face')}), "
        f"{counts.groups_across_splits:,} of them {places}, {counts.groups_with_contradicting_labels:,} with "
        "contradicting labels"
        for kind, counts in (("exact", copies), ("exact or near", copies.near))
        if counts
    ]
    if info.n_dropped_copies:
        parts.append(f"{count_of(info.n_dropped_copies, 'copy')} removed")
    if why := explain_unsearched(info):
        parts.append(f"{why} To find them, assemble the sources again with *Turned copies* set to *search*")
    return " · ".join(parts)


def _show_counts(info: DatasetInfo) -> None:
    st.subheader("Classes", anchor=False)
    with st.container(horizontal=True):
        scale = st.segmented_control(
            "Scale", list(SCALES), format_func=SCALES.__getitem__, default="faces", key="data.scale", required=True
        )
        apart = st.toggle("Compare splits", key="data.apart")
    view = compute_class_counts(info.counts, ("train", "val", "test") if apart else None)
    st.plotly_chart(plot_class_counts(view, scale or "faces"), key="data.counts", config=CHART_CONFIG)
