"""Faces excluded when assembling: how many for each reason, and the faces themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.data.too_old import offer_again
from dashboard.figures.left_out import compute_reason_counts, plot_reason_counts
from dashboard.services.left_out import load_left_out
from dashboard.shared.face_grid import Faces, pick_face
from dashboard.shared.face_pictures import enlarge
from dashboard.shared.page import shown_errors
from dashboard.shared.tables import NOTHING
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of, escape
from fer_core.datasets.assembling.left_out import REASONS, UNSPLIT, LeftOut, find_left_out
from fer_core.datasets.counts import LeftOutCount
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.datasets.select import ANY
from fer_core.datasets.splits import SPLITS

N_COLUMNS, N_SHOWN = 12, 48
SIDE_PX = 144
PAGE = "data.left_out.page"
_COLUMNS = {
    "face_id": st.column_config.TextColumn("Face"),
    "source": st.column_config.TextColumn("Source"),
    "expression": st.column_config.TextColumn("Labelled", help="by its source"),
    "split": st.column_config.TextColumn("Split", help="empty if excluded before the split"),
    "reason": st.column_config.TextColumn("Reason"),
}


def show_left_out(dataset: Dataset) -> None:
    """Draws the section for one data set."""
    st.subheader("Left out", anchor=False)
    counts = dataset.info.left_out
    if counts is None:
        why = "This data set was assembled by an earlier version that did not keep excluded faces."
        offer_again(dataset.name, why, "Assemble again to see them", "left_out.again")
        return
    st.markdown(_describe(dataset.info, counts))
    if not counts:
        st.info(
            "Faces excluded by assembly options (copies, votes, flags, caps and balance) and faces that a "
            "person excluded on the Review page are listed here.",
            icon=":material/check:",
        )
        return
    figure = plot_reason_counts(compute_reason_counts(counts, [part.source for part in dataset.info.sources]))
    st.plotly_chart(figure, key="left_out.counts", config=CHART_CONFIG)
    _show_faces(dataset)


def _describe(info: DatasetInfo, counts: Sequence[LeftOutCount]) -> str:
    n = sum(row.n for row in counts)
    n_read = f"{info.n + n:,} faces that were read"
    words = [f"**{n:,}** of {n_read} are not in the data set." if n else f"All {n_read} are in the data set."]
    n_rows = sum(part.n_skipped + sum(part.left_out.values()) for part in info.sources)
    if n_rows:
        words.append(f"{count_of(n_rows, 'more row')} of the sources could not be used; see the Overview section.")
    return " ".join(words)


@st.fragment
def _show_faces(dataset: Dataset) -> None:
    """Draws filters and the matching faces page by page; all choices are in the page's link."""
    with shown_errors():
        left_out = load_left_out(dataset)
        rows = find_left_out(left_out.table, **_ask(left_out.table))
        if not len(rows):
            st.info("No face matches. Remove a filter.", icon=":material/filter_alt_off:")
            return
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{len(rows):,}** faces" if len(rows) > 1 else "**1** face")
            n_pages = -(-len(rows) // N_SHOWN)
            page = st.pagination(n_pages, key=PAGE, bind="query-params") if n_pages > 1 else 1
        _show_page(left_out, rows[(page - 1) * N_SHOWN : page * N_SHOWN])


def _ask(table: pd.DataFrame) -> dict[str, str]:
    """Arguments of `find_left_out`."""
    there = {column: set(table[column].replace("", UNSPLIT)) for column in ("reason", "source", "split")}
    order = {"reason": REASONS, "source": table["source"].unique(), "split": (UNSPLIT, *SPLITS)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        return {
            name: st.selectbox(
                name.capitalize(), [ANY, *(value for value in values if value in there[name])],
                key=f"data.left_out.{name}", bind="query-params", on_change=_begin_anew, width=220,
            )
            for name, values in order.items()
        }  # fmt: skip


def _begin_anew() -> None:
    st.session_state[PAGE] = 1


def _show_page(left_out: LeftOut, rows: Any) -> None:
    table = left_out.table.iloc[rows]
    st.caption(". ".join(f"{r}: {REASONS[r]}" for r in REASONS if r in set(table["reason"])) + ".")
    captions = [
        f"{face.face_id}, labelled {face.expression}, {face.split or UNSPLIT}<br>{face.reason}: {REASONS[face.reason]}"
        for face in table.itertuples()
    ]
    ids, faces = table["face_id"].tolist(), left_out.faces[rows]
    chosen = pick_face(Faces(ids, faces), captions, f"left_out.faces.{ids[0]}", n_columns=N_COLUMNS)
    if chosen:
        _show_face(faces[ids.index(chosen)], captions[ids.index(chosen)])
    with st.expander("As a table"):
        st.dataframe(
            table[list(_COLUMNS)], hide_index=True, key="left_out.table", column_config=_COLUMNS, placeholder=NOTHING
        )


def _show_face(face: np.ndarray, caption: str) -> None:
    """Draws the chosen face enlarged, with the reason why it was excluded."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.image(enlarge(face, SIDE_PX), alt="the chosen face", width=SIDE_PX)
        name, reason = caption.split("<br>")
        st.markdown(f"**{escape(name)}**  \n{escape(reason)}")
