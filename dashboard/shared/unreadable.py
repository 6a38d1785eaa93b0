"""Unreadable items: one row for each folder with a damaged file, below the table of readable ones."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.shared.form_words import in_form_words
from fer_core.base.unreadable import Unreadable


def show_unreadable(what: str, rows: Sequence[Unreadable], key: str) -> None:
    """Draws a table of unreadable items: name, file, problem and next step; nothing if all can be read.

    Args:
        what: kind of the items, such as "Run".
        rows: as listed by `fer_core.base.unreadable`.
        key: key of the table.
    """
    if rows:
        table = pd.DataFrame({what: [row.name for row in rows], "Unreadable": [in_form_words(row.why) for row in rows]})
        st.dataframe(table, hide_index=True, key=key)
