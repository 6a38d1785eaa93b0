"""Search: train many runs with values drawn from ranges, and see which were good and which options mattered."""

import streamlit as st

from dashboard.search.form import show_search_form
from dashboard.search.view import show_searches, watch_search
from dashboard.services.datasets import load_infos
from dashboard.shared.page import empty_state, header, shown_errors
from dashboard.shared.unreadable import show_unreadable
from fer_core.studies.search.searches import list_searches, list_unreadable_searches
from fer_core.studies.search.study import require_optuna

header("Search", "Train many runs with values drawn from ranges; poor trials are pruned early.")

with shown_errors():
    require_optuna()
    infos = load_infos()
    names = [search.name for search in list_searches()]
    show_unreadable("Search", list_unreadable_searches(), "search.unreadable")
    if not infos and not names:
        empty_state("There is no data set to search on yet.", "data", "Make a data set")
        st.stop()
    if infos:
        with st.expander("Start a search", expanded=not names, icon=":material/add:"):
            show_search_form(infos, names)
    if not names:
        st.info("No searches yet. Choose what to vary above, then start one.", icon=":material/lightbulb:")
        st.stop()

    show_searches()
    watch_search(st.selectbox("Search", names, key="search.name", bind="query-params"))
