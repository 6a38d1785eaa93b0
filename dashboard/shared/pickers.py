"""Choosing a data set or a run; the choice is also in the page's link."""

import streamlit as st

from fer_core.base.text import percent
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.run import BUNDLED_ID
from fer_core.runs.summary import RunSummary


def pick_dataset(infos: list[DatasetInfo], key: str) -> str:
    """Draws a select box of data sets, with drawn ones marked; returns the chosen name."""
    drawn = {info.name: " (drawn)" if info.drawn else "" for info in infos}
    return pick("Data set", {name: name + mark for name, mark in drawn.items()}, key)


def pick_run(rows: list[RunSummary], key: str, label: str = "Run") -> str:
    """Draws a select box of runs, newest first, by title, data set and score; returns the chosen run_id."""
    names = {row.run_id: describe_run(row) for row in rows}
    return pick(label, names, key)


def pick(label: str, names: dict[str, str], key: str) -> str:
    """A select box whose choice is in the link by name; Streamlit's `bind` would put the label there instead.

    Args:
        label: label of the box.
        names: choice -> its label, the default first.
        key: key of the widget, and name in the link.
    """
    linked = st.query_params.get(key)
    if st.session_state.get(key, linked) not in names:  # what was chosen is gone, as a deleted data set is
        st.session_state.pop(key, None)
    if key not in st.session_state and linked in names:
        st.session_state[key] = linked
    chosen = st.selectbox(label, list(names), format_func=lambda name: names.get(name, name), key=key)
    if linked or chosen != next(iter(names)):  # a choice in the link stays there, even when it becomes the default
        st.query_params[key] = chosen
    return chosen


def describe_run(row: RunSummary) -> str:
    """One line for a select box."""
    score = row.accuracy if row.accuracy is not None else row.val_accuracy
    if row.run_id == BUNDLED_ID:
        return f"bundled network · {row.dataset} · {percent(score)}"
    parts = [row.title, row.dataset + (" (drawn)" if row.drawn else ""), row.run_id[:15]]
    return " · ".join([*parts, percent(score) if score is not None else row.state])


def unique_titles(rows: list[RunSummary]) -> dict[str, str]:
    """run_id -> title, with the time added if two runs have the same title."""
    titles = [row.title for row in rows]
    return {
        row.run_id: row.title if titles.count(row.title) == 1 else f"{row.title} {row.run_id[9:15]}" for row in rows
    }
