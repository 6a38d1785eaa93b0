"""Searches, read each time; their importances, which take a second, are cached by the number of trials."""

from pathlib import Path

import streamlit as st

from fer_core.studies.search.searches import get_search
from fer_core.studies.search.study import N_RANDOM, measure_importances
from fer_core.studies.search.summary import SearchSummary, summarise_searches


def load_searches() -> list[SearchSummary]:
    """The summary of every search, newest first."""
    return summarise_searches()


def load_importances(search: SearchSummary) -> tuple[dict[str, float], int]:
    """(field -> share, number of complete trials still needed); shares are empty while trials are needed."""
    n_complete = sum(trial["state"] == "complete" for trial in search["trials"])
    if n_complete < N_RANDOM:
        return {}, N_RANDOM - n_complete
    return _measure(str(get_search(search["name"]).journal), search["created"], n_complete), 0


@st.cache_data(max_entries=16, show_spinner=False)
def _measure(journal: str, created: str, n_complete: int) -> dict[str, float]:
    return measure_importances(Path(journal))
