"""Tables of data sets and runs."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from dashboard.shared.page import empty_state
from fer_core.base.text import percent
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.summary import RunSummary

NOTHING = "-"  # in a table, where there is nothing to say

_RUN_COLUMNS = {
    "title": st.column_config.TextColumn("Run"),
    "state": st.column_config.TextColumn("State"),
    "dataset": st.column_config.TextColumn("Data set"),
    "model": st.column_config.TextColumn("Model"),
    "epochs": st.column_config.TextColumn("Epochs"),
    "val_accuracy": st.column_config.NumberColumn("Validation", help="best validation accuracy"),
    "accuracy": st.column_config.NumberColumn("Test", help="accuracy on the test split"),
    "accuracy_without_copies": st.column_config.NumberColumn(
        "Test, no copies", help="accuracy on test faces without a copy in training"
    ),
    "macro_f1": st.column_config.NumberColumn("Macro F1"),
    "ece": st.column_config.NumberColumn("Calibration error"),
    "created": st.column_config.DatetimeColumn("Started", format="D MMM, HH:mm"),
}
_SHARES = ("val_accuracy", "accuracy", "accuracy_without_copies", "macro_f1", "ece")


def write_numbers(table: pd.DataFrame, shares: Iterable[str] = ()) -> Styler:
    """The table with formatted numbers; the underlying values remain numbers, for sorting and download.

    Args:
        table: shown with 1,234 for counts, two decimals, and a dash for missing values.
        shares: columns of fractions, shown as percentages; columns that the table lacks are skipped.
    """
    written = table.style.format(precision=2, thousands=",", na_rep=NOTHING)
    return written.format(percent, subset=[name for name in shares if name in table], na_rep=NOTHING)


def show_datasets(infos: list[DatasetInfo], key: str) -> None:
    """Draws a table of data sets, or a link to make one if there are none."""
    if not infos:
        empty_state("No data sets yet.", "data", "Make one")
        return
    table = pd.DataFrame(
        {
            "Data set": [info.name + (" (drawn)" if info.drawn else "") for info in infos],
            "Faces": [info.n for info in infos],
            "px": [info.size_px for info in infos],
            "Sources": [", ".join(part.source for part in info.sources) for info in infos],
        }
    )
    st.dataframe(write_numbers(table), hide_index=True, key=key, placeholder=NOTHING)


def show_runs(
    rows: list[RunSummary],
    key: str,
    columns: tuple[str, ...] = ("title", "state", "dataset", "accuracy"),
    **options: Any,
) -> Any:
    """Draws a table of runs, or a link to train one if there are none; returns the result of st.dataframe."""
    if not rows:
        empty_state("No runs yet.", "train", "Train a network")
        return None
    table = pd.DataFrame(rows)
    table["epochs"] = table["epoch"].astype(str) + " of " + table["n_epochs"].astype(str)
    table.loc[table["n_epochs"] == 0, "epochs"] = ""  # an ensemble
    table["dataset"] = table["dataset"] + table["drawn"].map({True: " (drawn)", False: ""})
    table["created"] = pd.to_datetime([_read_date(text) for text in table["created"]], errors="coerce")
    for column in _SHARES:
        table[column] = pd.to_numeric(table[column])
    config = {name: _RUN_COLUMNS[name] for name in columns}
    shown = write_numbers(table[list(columns)], _SHARES)
    return st.dataframe(shown, hide_index=True, key=key, column_config=config, placeholder=NOTHING, **options)


def _read_date(text: str) -> datetime | None:
    """The local time of an ISO 8601 date where it was written; None if it is not one."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
