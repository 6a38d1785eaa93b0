"""Which question a network is to answer about a face, where it has learned to answer two."""

import streamlit as st

from fer_core.heads import ANSWERS, HEADS, Head

_HELP = (
    "A network trained on FER2013 answers as FER2013 is labelled: it often calls a quiet face sad, angry or afraid. "
    "Its people head learned from the votes of ten people on each face, which suits photographs."
)


def pick_head(heads: tuple[Head, ...], first: Head, key: str) -> Head:
    """A choice between the heads, kept in the page's link; none where there is but one.

    Args:
        heads: those that there are.
        first: the default.
        key: of the widget.
    """
    if len(heads) < len(HEADS):
        return heads[0]
    chosen = st.segmented_control(
        "Answer", HEADS[::-1], format_func=lambda head: ANSWERS[head].capitalize(), default=first, key=key,
        bind="query-params", required=True, help=_HELP,
    )  # fmt: skip
    return chosen or first
