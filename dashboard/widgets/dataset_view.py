"""One assembled data set: its report, class counts and sample faces."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.figures.class_counts import SCALES, compute_class_counts, plot_class_counts
from dashboard.services.datasets import sample_rows
from dashboard.theme import CHART_CONFIG
from dashboard.widgets.faces import contact_sheet
from fer_core.data.dataset import Dataset
from fer_core.labels import EXPRESSIONS

N_COLUMNS, N_SAMPLES, TILE_PX = 14, 56, 72


def show_report(info: dict[str, Any]) -> None:
    """Sizes, what was left out and skipped, copies, and the sources one by one."""
    columns = st.columns(5)
    columns[0].metric("Faces", f"{info['n']:,}", help=f"{info['size_px']} px a side, grey")
    for column, split in zip(columns[1:4], ("train", "val", "test"), strict=True):
        column.metric(split, f"{info['splits'][split]:,}")
    _show_copies_in_train(columns[4], info["copies"])
    if info["drawn"]:
        st.info(
            "These faces are drawn by this project's code: for trying things out, not for results.",
            icon=":material/draw:",
        )
    sources = pd.DataFrame(
        {
            "Source": part["source"],
            "Layout": part["layout"],
            "Faces": part["n"],
            "Left out": ", ".join(f"{n:,} {label}" for label, n in part["left_out"].items()) or "none",
            "Skipped": part["n_skipped"],
            "Notes": "; ".join(part["notes"]),
        }
        for part in info["sources"]
    )
    st.dataframe(sources, hide_index=True, key="data.sources")
    st.caption(f"{_describe_copies(info)} · split {info['recipe']['split']} · fingerprint {info['fingerprint'][:16]}")
    if info["problems"]:
        with st.expander(f"{info['n_skipped']:,} rows or images were skipped"):
            st.dataframe(pd.DataFrame(info["problems"]), hide_index=True, key="data.problems")


def _show_copies_in_train(column: DeltaGenerator, copies: dict[str, Any]) -> None:
    near = copies.get("near")  # sets assembled before near copies were looked for have none
    column.metric(
        "Test faces also in train",
        f"{copies['test_faces_with_copy_in_train']:,}",
        f"{near['test_faces_with_copy_in_train']:,} with near copies" if near else None,
        delta_color="off",
        delta_arrow="off",
        help="Exact copies; below, near copies too: mirrored, re-encoded, rescaled. Every test score is also given "
        "without the exact ones.",
    )


def _describe_copies(info: dict[str, Any]) -> str:
    copies = info["copies"]
    parts = [
        f"{counts['groups']:,} groups of {kind} copies ({counts['images']:,} faces), "
        f"{counts['groups_across_splits']:,} of them across splits, "
        f"{counts['groups_with_contradicting_labels']:,} with contradicting labels"
        for kind, counts in (("exact", copies), ("exact or near", copies.get("near")))
        if counts
    ]
    if info.get("n_dropped_copies"):
        parts.append(f"{info['n_dropped_copies']:,} copies dropped")
    return " · ".join(parts)


def show_counts(info: dict[str, Any]) -> None:
    """Class by source by split."""
    st.subheader("Classes", anchor=False)
    with st.container(horizontal=True):
        scale = st.segmented_control(
            "Scale", list(SCALES), format_func=SCALES.__getitem__, default="faces", key="data.scale", required=True
        )
        apart = st.toggle("Splits apart", key="data.apart")
    view = compute_class_counts(info["counts"], ("train", "val", "test") if apart else None)
    st.plotly_chart(plot_class_counts(view, scale or "faces"), key="data.counts", config=CHART_CONFIG)


def show_samples(dataset: Dataset) -> None:
    """Random faces that fit the chosen split, expression and source."""
    st.subheader("Faces", anchor=False)
    table = dataset.table
    with st.container(horizontal=True, vertical_alignment="bottom"):
        split = st.selectbox("Split", ["all", "train", "val", "test"], key="data.split", bind="query-params")
        expression = st.selectbox("Expression", ["all", *EXPRESSIONS], key="data.expression", bind="query-params")
        sources = ["all", *table["source"].unique()]
        source = st.selectbox("Source", sources, key=f"data.source.{dataset.name}")
        if st.button("Others", icon=":material/shuffle:", key="data.shuffle"):
            st.session_state["data.seed"] = st.session_state.get("data.seed", 0) + 1
    rows = sample_rows(table, split, expression, source, N_SAMPLES, st.session_state.get("data.seed", 0))
    if not len(rows):
        st.info("No face fits this choice. Choose another split, expression or source.")
        return
    st.image(contact_sheet(dataset.faces[rows], N_COLUMNS, TILE_PX), alt=f"{len(rows)} sample faces", width="stretch")
