"""The frame of every page: title, purpose, and how an expected error is shown."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from dashboard.shared.form_words import in_form_words
from fer_core.errors import InputError


def header(title: str, purpose: str) -> None:
    """Draws the page's title and one sentence about its purpose."""
    st.title(title, anchor=False)
    st.markdown(purpose)


@contextmanager
def shown_errors() -> Iterator[None]:
    """Shows an InputError or a file error of the block as a sentence, and continues with the rest of the page."""
    try:
        yield
    except InputError as error:
        st.error(in_form_words(str(error)), icon=":material/error:")
    except OSError as error:
        st.error(f"{error}. Check the path and its permissions.", icon=":material/error:")


def empty_state(sentence: str, page: str, label: str) -> None:
    """Draws the reason why a page is empty, and a link to the next step."""
    st.info(sentence, icon=":material/lightbulb:")
    link(page, label, icon=":material/arrow_forward:")


def link(page: str, label: str, **options: Any) -> None:
    """A link to one of the pages by its name; options as in st.page_link."""
    st.page_link(f"../pages/{page}.py", label=label, **options)  # relative to the entry script's folder
