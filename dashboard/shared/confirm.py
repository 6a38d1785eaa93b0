"""The one question before something is deleted."""

from collections.abc import Callable

import streamlit as st

from dashboard.shared.page import shown_errors


def delete_button(what: str, describe: Callable[[], str], delete: Callable[[], object], key: str) -> None:
    """The button "Delete ..."; it opens a dialog that says what will be gone, and asks.

    Args:
        what: is deleted, as the dialog's title has it: run, data set.
        describe: Markdown, says what will be gone; called once the dialog is opened.
        delete: does it, once that has been confirmed; an InputError of it is shown in the dialog.
        key: of the thing to delete, such as `runs.group`; the buttons are `<key>.ask`, `.confirm` and `.keep`.
    """
    if st.button("Delete ...", key=f"{key}.ask", icon=":material/delete:"):
        st.dialog(f"Delete this {what}?")(_ask)(describe, delete, key)


def _ask(describe: Callable[[], str], delete: Callable[[], object], key: str) -> None:
    with shown_errors():
        st.markdown(describe())
    with st.container(horizontal=True):
        confirmed = st.button("Delete permanently", type="primary", key=f"{key}.confirm")
        if st.button("Keep", key=f"{key}.keep"):
            st.rerun()
    if confirmed:
        with shown_errors():
            delete()
            st.rerun()
