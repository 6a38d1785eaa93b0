"""Tables of data sets and runs."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.widgets.page import empty_state

_RUN_COLUMNS = {
    "title": st.column_config.TextColumn("Run"),
    "state": st.column_config.TextColumn("State"),
    "dataset": st.column_config.TextColumn("Data set"),
    "model": st.column_config.TextColumn("Model"),
    "epochs": st.column_config.TextColumn("Epochs"),
    "val_accuracy": st.column_config.NumberColumn("Validation", format="percent", help="best validation accuracy"),
    "accuracy": st.column_config.NumberColumn("Test", format="percent", help="accuracy on the test split"),
    "accuracy_without_copies": st.column_config.NumberColumn(
        "Test, no copies", format="percent", help="accuracy on test faces with no copy in training"
    ),
    "macro_f1": st.column_config.NumberColumn("Macro F1", format="percent"),
    "ece": st.column_config.NumberColumn("Calibration error", format="percent"),
    "created": st.column_config.DatetimeColumn("Started", format="D MMM, HH:mm"),
}


def show_datasets(infos: list[dict[str, Any]], key: str) -> None:
    """A table of data sets, or what to do when there is none."""
    if not infos:
        empty_state("No data set yet.", "data", "Make one")
        return
    table = pd.DataFrame(
        {
            "Data set": [info["name"] for info in infos],
            "Faces": [info["n"] for info in infos],
            "Side, px": [info["size_px"] for info in infos],
            "Sources": [", ".join(part["source"] for part in info["sources"]) for info in infos],
            "Faces are": ["drawn" if info["drawn"] else "photographs" for info in infos],
        }
    )
    st.dataframe(
        table, hide_index=True, key=key, column_config={"Faces": st.column_config.NumberColumn(format="localized")}
    )


def show_runs(
    rows: list[dict[str, Any]],
    key: str,
    columns: tuple[str, ...] = ("title", "state", "dataset", "accuracy"),
    **options: Any,
) -> Any:
    """A table of runs, or what to do when there is none; returns what st.dataframe returns."""
    if not rows:
        empty_state("No run yet.", "train", "Train a network")
        return None
    table = pd.DataFrame(rows)
    table["epochs"] = table["epoch"].astype(str) + " of " + table["n_epochs"].astype(str)
    table.loc[table["n_epochs"] == 0, "epochs"] = ""  # an ensemble
    table["dataset"] = table["dataset"] + table["drawn"].map({True: " (drawn)", False: ""})
    table["created"] = pd.to_datetime(table["created"]).dt.tz_localize(None)
    for column in ("val_accuracy", "accuracy", "accuracy_without_copies", "macro_f1", "ece"):
        table[column] = pd.to_numeric(table[column])
    config = {name: _RUN_COLUMNS[name] for name in columns}
    return st.dataframe(table[list(columns)], hide_index=True, key=key, column_config=config, **options)
