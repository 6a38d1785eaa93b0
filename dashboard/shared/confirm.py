"""The confirmation before something is deleted."""

from collections.abc import Callable

import streamlit as st

from dashboard.shared.page import shown_errors


def delete_button(what: str, describe: Callable[[], str], delete: Callable[[], object], key: str) -> None:
    """Draws the button "Delete ...", which opens a dialog that says what will be deleted and asks for confirmation.

    Args:
        what: the kind of thing, for the dialog's title: run, data set.
        describe: returns Markdown that says what will be deleted; called when the dialog is opened.
        delete: deletes it after confirmation; its InputError is shown in the dialog.
        key: prefix of the keys, such as `runs.group`; the buttons are `<key>.ask`, `.confirm` and `.keep`.
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
