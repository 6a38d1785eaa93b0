"""The faces of one confusion cell, clickable, ordered by confidence."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.services.datasets import load_dataset
from dashboard.shared.face_grid import FACE, Faces, pick_face
from dashboard.shared.face_pictures import draw_gone
from dashboard.shared.link import keep_link
from dashboard.shared.page import shown_errors
from fer_core.base.text import count_of, percent
from fer_core.labels import EXPRESSIONS

N_SHOWN = 40


def pick_error(dataset: str, predictions: pd.DataFrame, cell: tuple[int, int]) -> str | None:
    """The face_id of the chosen face, or None when the cell is empty. It is also in the page's link."""
    true, predicted = EXPRESSIONS[cell[0]], EXPRESSIONS[cell[1]]
    chosen = predictions[(predictions["expression"] == true) & (predictions["predicted"] == predicted)]
    title = f"{true}, classified correctly" if true == predicted else f"{true}, predicted as {predicted}"
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.markdown(f"**{title}**: {count_of(len(chosen), 'face')}")
        order = st.segmented_control(
            "Order", ["most confident first", "least confident first"], default="most confident first",
            key="errors.order", label_visibility="collapsed", required=True, on_change=_keep,
        )  # fmt: skip
    if chosen.empty:
        st.info("This cell has no faces. Click another one.", icon=":material/sentiment_satisfied:")
        return None
    if order == "least confident first":
        chosen = chosen.iloc[::-1]
    n_pages = -(-len(chosen) // N_SHOWN)
    page = 1
    if n_pages > 1:
        page = st.number_input("Page", 1, n_pages, key=f"errors.page.{true}.{predicted}", on_change=_keep)
    shown = chosen.iloc[(page - 1) * N_SHOWN : page * N_SHOWN]
    with shown_errors():
        return _show(dataset, shown)
    return None


def _show(dataset: str, shown: pd.DataFrame) -> str | None:
    ids = shown["face_id"].tolist()
    data = load_dataset(dataset)
    rows = data.find_rows(ids, shown["digest"].tolist())
    gone = np.flatnonzero(rows < 0)
    faces = np.array(data.faces[np.maximum(rows, 0)])
    faces[gone] = draw_gone(faces.shape[-1])
    captions = [
        f"{i}. {face.predicted} {percent(face.confidence)}, labelled {face.expression}<br>{face.face_id}"
        + ("<br>no longer in the data set" if rows[i - 1] < 0 else "")
        for i, face in enumerate(shown.itertuples(), start=1)
    ]
    chosen = pick_face(Faces(ids, faces), captions, "errors.faces", default=ids[0], keep=("cell",))
    if len(gone):
        st.caption(f"Crossed out: {count_of(len(gone), 'face')} no longer in the data set.")
    st.caption("Click a face for its probabilities and Grad-CAM.")
    return chosen


def _keep() -> None:
    keep_link("cell", FACE)
