"""Searches, in progress and finished: progress, buttons, figures and the table of trials. Refreshes automatically."""

import pandas as pd
import streamlit as st

from dashboard.figures.search_history import compute_search_history, describe_value, plot_search_history
from dashboard.figures.search_importance import compute_importances, plot_importances
from dashboard.services.searches import load_importances, load_searches
from dashboard.shared.confirm import delete_button
from dashboard.shared.page import link, shown_errors
from dashboard.shared.run_progress import format_duration
from dashboard.shared.tables import NOTHING, write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import percent
from fer_core.jobs.state import State
from fer_core.studies.search.ranges import parse_ranges
from fer_core.studies.search.searches import delete_search, get_search, resume_search, stop_search
from fer_core.studies.search.summary import SearchSummary, summarise_search

_EVERY_S = 2.0


@st.fragment(run_every=_EVERY_S)
def show_searches() -> None:
    """Draws a line of progress and the buttons for every search."""
    for search in load_searches():
        with st.container(horizontal=True, vertical_alignment="bottom"), shown_errors():
            st.progress(min(search["n_done"] / search["n_trials"], 1.0), describe_search(search))
            _show_buttons(search["name"], State(search["state"]))


def describe_search(search: SearchSummary) -> str:
    """State, finished trials, best value and time left, as one line."""
    parts = [f"**{search['name']}** {search['state']}", f"{search['n_done']} of {search['n_trials']} trials"]
    if search["best"]:
        parts.append(f"best {percent(search['best']['value'])}")
    if search["eta_s"] is not None:
        parts.append(f"{format_duration(search['eta_s'])} left")
    if search["state"] == State.FAILED:
        parts.append(search["message"])
    return " · ".join(parts)


@st.fragment(run_every=_EVERY_S)
def watch_search(name: str) -> None:
    """Draws one search, live: a link to train with its best values, the values of its trials, and importances."""
    with shown_errors():
        search = summarise_search(get_search(name))
        if best := search["best"]:
            st.markdown(
                f"Best: trial {best['trial']} with {percent(best['value'])} validation accuracy; "
                + ", ".join(describe_value(field, value) for field, value in best["params"].items())
            )
            link(
                "train",
                "Train with the best values",
                icon=":material/model_training:",
                query_params={"from": best["run_id"]},
            )
        history, importance = st.columns(2)
        figure = plot_search_history(compute_search_history(search["trials"]))
        history.plotly_chart(figure, key="search.history", config=CHART_CONFIG)
        figure = plot_importances(compute_importances(*load_importances(search)))
        importance.plotly_chart(figure, key="search.importances", config=CHART_CONFIG)
        st.caption(
            "A cross marks the best value of a pruned trial. The maximum of many values on the same validation "
            "faces is slightly optimistic: train again with several seeds and report the test score."
        )
        _show_trials(search)


def _show_trials(search: SearchSummary) -> None:
    rows = [
        {
            "Trial": trial["trial"],
            "State": trial["state"],
            "Validation": trial["value"],
            "Epochs": trial["n_epochs"],
            **trial["params"],
            "Run": f"train?train.run={trial['run_id']}" if trial["run_id"] else None,
            "Why": trial["message"],
        }
        for trial in search["trials"]
    ]
    config = {
        "Validation": st.column_config.NumberColumn(help="best validation accuracy"),
        "Run": st.column_config.LinkColumn(display_text=r"train\.run=(.+)"),
        **{
            r.field: st.column_config.NumberColumn(format="%.4g")
            for r in parse_ranges(search["ranges"])
            if not r.choices
        },
    }
    if rows:
        shown = write_numbers(pd.DataFrame(rows).astype({"Validation": float}), ["Validation"])
        st.dataframe(shown, hide_index=True, key="search.trials_table", column_config=config, placeholder=NOTHING)


def _show_buttons(name: str, state: State) -> None:
    if state.is_active and st.button("Stop", key=f"search.stop.{name}", icon=":material/stop:"):
        stop_search(get_search(name))
        st.toast(f"{name} is stopping; its runs write a checkpoint first.")
    if state.is_resumable and st.button("Resume", key=f"search.resume.{name}", icon=":material/resume:"):
        resume_search(get_search(name))
        st.toast(f"{name} continues.")
    if not state.is_active:
        gone = f"**{name}**: its ranges and the record of its trials will be deleted permanently. Its runs are kept."
        delete_button("search", lambda: gone, lambda: delete_search(get_search(name)), f"search.{name}")
