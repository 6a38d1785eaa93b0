"""A button and a key for each expression: what a person decides is written at once, and can be undone.

A page draws the buttons before the face's picture, and each face has buttons of its own. While one face gives way to
the next, the browser may take a key for both: only the face that was drawn last is decided on.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.services.corrections import load_log
from dashboard.widgets.page import shown_errors
from fer_core.corrections.log import DROP, Correction
from fer_core.corrections.overlay import holds_back
from fer_core.labels import EXPRESSIONS

RELABEL_ALL = "assemble with *Faces that may change* on *validation and test faces too* (`--relabel all`)"
WHERE_KEYS_GO = "Keys go to a box while it is outlined: click beside it first."


def expression_buttons(dataset: str, face: Mapping[Any, Any], why: str, who: str, where: str) -> None:
    """1 to 7: the expressions in their order; the present label is the filled one.

    Args:
        dataset: its name.
        face: face_id, sha256 and expression, the label that it has now.
        why: what led to the face.
        who: decides.
        where: the page, which begins the keys.
    """
    st.session_state[f"{where}.drawn"] = face["face_id"]
    with st.container(horizontal=True, gap="xsmall"):
        for key, expression in enumerate(EXPRESSIONS, start=1):
            st.button(
                expression, key=f"{where}.as.{expression}.{face['face_id']}", shortcut=str(key), on_click=_decide,
                args=(dataset, _correct(face, expression, why, who), where),
                type="primary" if expression == face["expression"] else "secondary",
            )  # fmt: skip


def drop_button(dataset: str, face: Mapping[Any, Any], why: str, who: str, where: str) -> None:
    """0: the face is left out; stands beside `expression_buttons` and has their arguments."""
    st.button(
        "Leave it out", key=f"{where}.drop.{face['face_id']}", shortcut="0", icon=":material/block:", on_click=_decide,
        args=(dataset, _correct(face, DROP, why, who), where), help="no face, or none of the seven",
    )  # fmt: skip


def tell_held_back(recipe: Mapping[str, Any], split: str) -> None:
    """Says at a face what its correction comes to where the recipe leaves the labels of its split alone."""
    if holds_back(recipe, split):
        kind = "validation" if split == "val" else split
        st.caption(
            f"This is a {kind} face: its correction is held back, so that scores stay comparable. "
            f"To use it, {RELABEL_ALL}."
        )


def undo_button(dataset: str, correction: Correction, who: str, label: str, key: str, **options: Any) -> None:
    """Takes the correction back; options as in st.button."""
    st.button(label, key=key, on_click=_undo, args=(dataset, correction.correction_id, who), **options)


def _correct(face: Mapping[Any, Any], expression: str, why: str, who: str) -> Correction:
    return Correction(
        str(face["face_id"]), str(face["sha256"]), expression, str(face["expression"]), "person", who, why
    )


def _decide(dataset: str, correction: Correction, where: str) -> None:
    if st.session_state[f"{where}.drawn"] != correction.face_id:
        return
    with shown_errors():
        load_log(dataset).add([correction])


def _undo(dataset: str, correction_id: str, who: str) -> None:
    with shown_errors():
        load_log(dataset).undo(correction_id, who)
