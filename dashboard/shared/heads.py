"""The choice of the question that a network answers about a face, if it has two heads."""

import streamlit as st

from fer_core.models.heads import HEADS, Head

_NAMES: dict[Head, str] = {"people": "Most people", "labels": "Training labels"}
_HELP = (
    "Most people: what most people would say about the face. Training labels: how its training data would label "
    "it. FER2013's labels often call a calm face sad, angry or afraid."
)


def pick_head(heads: tuple[Head, ...], first: Head, key: str) -> Head:
    """Draws a choice of heads, kept in the page's link; nothing if there is only one. Returns the chosen head.

    Args:
        heads: the heads of the network.
        first: the default.
        key: key of the widget, and name in the link.
    """
    if len(heads) < len(HEADS):
        return heads[0]
    linked = st.query_params.get(key)
    if key not in st.session_state:
        st.session_state[key] = linked if linked in heads else first
    chosen = (
        st.segmented_control(
            "Answer as", list(_NAMES), format_func=_NAMES.__getitem__, key=key, required=True, help=_HELP
        )
        or first
    )
    if linked or chosen != first:
        st.query_params[key] = chosen
    return chosen
