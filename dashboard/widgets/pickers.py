"""Choosing a data set or a run; the choice is also in the page's link."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from fer_core.runs import BUNDLED_ID


def pick_dataset(infos: list[dict[str, Any]], key: str) -> str:
    """A select box of data sets; drawn ones are named as such."""
    drawn = {info["name"]: " (drawn)" if info["drawn"] else "" for info in infos}
    return st.selectbox(
        "Data set", list(drawn), format_func=lambda n: n + drawn.get(n, ""), key=key, bind="query-params"
    )


def pick_run(rows: list[dict[str, Any]], key: str, label: str = "Run") -> str:
    """A select box of runs, the newest first, by title, data set and score."""
    names = {row["run_id"]: describe_run(row) for row in rows}
    return st.selectbox(label, list(names), format_func=_namer(names), key=key, bind="query-params")


def describe_run(row: dict[str, Any]) -> str:
    """One line for a select box."""
    score = row["accuracy"] if row["accuracy"] is not None else row["val_accuracy"]
    if row["run_id"] == BUNDLED_ID:
        return f"the network that comes with FER Studio · {row['dataset']} · {score:.1%}"
    parts = [row["title"], row["dataset"] + (" (drawn)" if row["drawn"] else ""), row["run_id"][:15]]
    return " · ".join([*parts, f"{score:.1%}" if score is not None else row["state"]])


def _namer(names: dict[str, str]) -> Callable[[str], str]:
    return lambda run_id: names.get(run_id, run_id)


def unique_titles(rows: list[dict[str, Any]]) -> dict[str, str]:
    """run_id -> title, with the time added where two runs have one title."""
    titles = [row["title"] for row in rows]
    return {
        row["run_id"]: row["title"] if titles.count(row["title"]) == 1 else f"{row['title']} {row['run_id'][9:15]}"
        for row in rows
    }
