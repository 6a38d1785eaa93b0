"""Choices that the server keeps in the page's link: a face, a cell of the confusion matrix.

Every message from the browser contains the link as the browser has it at that moment. A message that was sent before
the answer to a click arrived contains the link from before the click, so each widget beside such a choice keeps it
with `keep_link`.
"""

import streamlit as st


def read_link(name: str) -> str:
    """The choice of that name in the page's link; "" if there is none."""
    value = str(st.query_params.get(name, ""))
    st.session_state[_key(name)] = value
    return value


def write_link(name: str, value: str) -> None:
    """Puts a choice into the page's link; "" removes it."""
    st.session_state[_key(name)] = value
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


def keep_link(*names: str) -> None:
    """Keeps these choices in the link; call it in the callback of a widget that does not change them."""
    for name in names:
        if _key(name) in st.session_state:
            write_link(name, st.session_state[_key(name)])


def _key(name: str) -> str:
    return f"link.{name}"
