"""Searches, read anew each time; their importances, which take a second, cached by the number of trials."""

from pathlib import Path

import streamlit as st

from fer_core.studies.search.searches import get_search
from fer_core.studies.search.study import N_RANDOM, measure_importances
from fer_core.studies.search.summary import SearchSummary, summarise_searches


def load_searches() -> list[SearchSummary]:
    """The summary of every search, the newest first."""
    return summarise_searches()


def load_importances(search: SearchSummary) -> tuple[dict[str, float], int]:
    """Field -> share, and how many complete trials are still needed to tell (then there are no shares)."""
    n_complete = sum(trial["state"] == "complete" for trial in search["trials"])
    if n_complete < N_RANDOM:
        return {}, N_RANDOM - n_complete
    return _measure(str(get_search(search["name"]).journal), search["created"], n_complete), 0


@st.cache_data(max_entries=16, show_spinner=False)
def _measure(journal: str, created: str, n_complete: int) -> dict[str, float]:
    return measure_importances(Path(journal))
