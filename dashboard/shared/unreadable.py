"""What cannot be read: a row for each folder with a damaged file, beside the table of those that can."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.shared.form_words import in_form_words
from fer_core.base.unreadable import Unreadable


def show_unreadable(what: str, rows: Sequence[Unreadable], key: str) -> None:
    """A table of names, each with the file, what is wrong with it and what to do; nothing where all can be read.

    Args:
        what: they are, such as "Run".
        rows: as `fer_core.base.unreadable` lists them.
        key: of the table.
    """
    if rows:
        table = pd.DataFrame({what: [row.name for row in rows], "Unreadable": [in_form_words(row.why) for row in rows]})
        st.dataframe(table, hide_index=True, key=key)
