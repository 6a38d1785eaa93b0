"""The face browser: all faces of a data set page by page, with filters; each can be inspected and corrected."""

import numpy as np
import streamlit as st

from dashboard.data.face_record import find_linked, forget_face, show_record
from dashboard.shared.face_grid import Faces, pick_face
from dashboard.shared.page import shown_errors
from fer_core.base.text import count_of
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.select import (  # fmt: skip
    ANY,
    CHANGED,
    ORDERS,
    UNCHANGED,
    Wanted,
    list_changers,
    list_copies,
    list_flags,
    select_faces,
)
from fer_core.datasets.splits import SPLITS
from fer_core.labels import EXPRESSIONS

N_SHOWN = 80
PAGE = "data.page"


@st.fragment
def show_browser(dataset: Dataset) -> None:
    """Draws filters, the matching faces, and the chosen face; all choices are in the page's link."""
    with shown_errors():
        wanted, order = _ask(dataset)
        rows = select_faces(dataset.table, wanted, order)
        if not len(rows):
            st.info("No face matches. Remove a filter.", icon=":material/filter_alt_off:")
            return
        faces, record = st.columns([7, 5], gap="medium")
        with faces:
            first = _pick_page(len(rows))
            shown = rows[first : first + N_SHOWN]
            _show_page(dataset, shown, first)
        with record:
            show_record(dataset, find_linked(dataset), "the face browser")


def _ask(dataset: Dataset) -> tuple[Wanted, str]:
    """Draws the filters; returns them and the order."""
    table = dataset.table
    choices = {
        "split": SPLITS,
        "expression": EXPRESSIONS,
        "source": table["source"].unique(),
        "label": (CHANGED, UNCHANGED, *list_changers(table)),
        "copies": list_copies(table),
        "flag": list_flags(table),
    }
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = {
            name: st.selectbox(
                name.capitalize(), [ANY, *options], key=f"data.{name}", bind="query-params", on_change=_begin_anew,
                width=150,
            )
            for name, options in choices.items()
            if len(options)
        }  # fmt: skip
        order = st.selectbox("Order", ORDERS, key="data.order", bind="query-params", on_change=_begin_anew, width=160)
        text = st.text_input(
            "Name contains", key="data.text", bind="query-params", on_change=_begin_anew, placeholder="part of a name",
            width=180,
        )  # fmt: skip
    return Wanted(**chosen, text=text.strip()), order


def _begin_anew() -> None:
    """A new choice starts on its first page, with no face chosen."""
    st.session_state[PAGE] = 1
    forget_face()


def _pick_page(n: int) -> int:
    """The position of the first face to show."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{count_of(n, 'face')}**")
        n_pages = -(-n // N_SHOWN)
        if n_pages == 1:
            return 0
        page = st.pagination(n_pages, key=PAGE, bind="query-params", on_change=forget_face)
    return (page - 1) * N_SHOWN


def _show_page(dataset: Dataset, rows: np.ndarray, first: int) -> None:
    faces = dataset.table.iloc[rows]
    captions = tuple(
        f"{i:,}. {label} · {split}<br>{face_id}"
        for i, (label, split, face_id) in enumerate(
            zip(faces["expression"], faces["split"], faces["face_id"], strict=True), start=first + 1
        )
    )
    key = f"data.faces.{first}.{rows[0]}"  # a choice made on another page is none on this one
    pick_face(Faces(faces["face_id"].tolist(), dataset.faces[rows]), captions, key)
