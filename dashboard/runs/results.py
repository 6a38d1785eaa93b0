"""The table of results: the figures of every row or why there are none, and a chosen row's curves and confusion."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.figures.confusion import compute_confusion, plot_confusion
from dashboard.figures.curves import compute_curves, plot_curves
from dashboard.services.results import load_results
from dashboard.shared.page import shown_errors
from dashboard.shared.pickers import pick
from dashboard.shared.tables import NOTHING, write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.runs.info import EpochLine
from fer_core.studies.results.durations import format_duration
from fer_core.studies.results.lines import Line, Score, Shown

_SHARES = ("Validation", "Test", "Without copies", "Macro F1", "Calibration error", "If perfectly calibrated")


def show_results() -> None:
    """Draws the section of the Runs page; if no row has figures, it names the command that fills the table."""
    st.subheader("Table of results", anchor=False)
    with shown_errors():
        rows, sections = load_results()
        measured = [each for each in rows if each.counted]
        if not measured:
            st.info(
                "The table of results is empty. Run `fer results run` in the project's folder to train and score "
                "its rows.",
                icon=":material/lightbulb:",
            )
        if not rows:
            return
        table = build_table(rows, sections)
        st.dataframe(write_numbers(table, _SHARES), hide_index=True, key="runs.results", placeholder=NOTHING)
        st.caption(
            "Test accuracy with its 95 % interval. Rows recorded by hand are from runs whose files no longer "
            "exist. `fer results run` runs the missing rows, `fer results table` writes docs/results.md."
        )
        if measured:
            _show_row(measured)


def build_table(rows: list[Shown], sections: dict[str, str]) -> pd.DataFrame:
    """One line per run, or a single line for a row without runs."""
    lines = [line for each in rows for line in each.lines]
    table = pd.DataFrame(
        {
            "Section": [sections[line.section] for line in lines],
            "Row": [line.title for line in lines],
            "Seed": pd.array([line.seed for line in lines], dtype="Int64"),
            "Validation": [_value(line.val) for line in lines],
            "Test": [_value(line.test) for line in lines],
            "Interval": [_write_interval(line.test) for line in lines],
            "Without copies": [_value(line.without_copies) for line in lines],
            "Macro F1": [line.macro_f1 for line in lines],
            "Calibration error": [line.ece for line in lines],
            "If perfectly calibrated": [line.ece_floor for line in lines],
            "How": [_tell(line) for line in lines],
            "Epochs": [line.epochs for line in lines],
            "Device, time": [_write_device(line) for line in lines],
            "Command": [line.command for line in lines],
        }
    )
    for column in _SHARES:
        table[column] = pd.to_numeric(table[column])
    return table


def _show_row(measured: list[Shown]) -> None:
    """Draws the curves and confusion matrix of a row with results."""
    titles = {each.row.name: f"{each.row.title} ({each.row.name})" for each in measured}
    name = pick("Row", titles, "runs.results.row")
    entries = next(each.counted for each in measured if each.row.name == name)
    epochs = {
        f"seed {entry['seed']}" if entry["seed"] is not None else titles[name]: _list_epochs(entry["curves"])
        for entry in entries
        if "curves" in entry
    }
    if epochs:
        left, right = st.columns(2)
        left.plotly_chart(plot_curves(compute_curves(epochs, "loss")), key="runs.results.loss", config=CHART_CONFIG)
        right.plotly_chart(
            plot_curves(compute_curves(epochs, "accuracy")), key="runs.results.accuracy", config=CHART_CONFIG
        )
    scores = entries[0]["scores"]
    split = next(split for split in ("test", "all", "val", "train") if split in scores)
    dark = st.context.theme.type == "dark"
    figure = plot_confusion(compute_confusion(scores[split]["confusion"]), dark=dark)
    st.plotly_chart(figure, key="runs.results.confusion", config=CHART_CONFIG)


def _list_epochs(curves: dict[str, list[Any]]) -> list[EpochLine]:
    rows = (dict(zip(curves, values, strict=True)) for values in zip(*curves.values(), strict=True))
    return [EpochLine.model_validate(row) for row in rows]


def _value(score: Score | None) -> float | None:
    return score.value if score else None


def _write_interval(score: Score | None) -> str:
    if score is None or score.interval is None:
        return ""
    low, high = score.interval
    return f"{100 * low:.1f} to {100 * high:.1f} % (n = {score.n:,})"


def _write_device(line: Line) -> str:
    return ", ".join(filter(None, [line.device, format_duration(line.seconds) if line.seconds else ""]))


def _tell(line: Line) -> str:
    if line.by_hand:
        how = f"recorded by hand on {line.measured}"
    else:
        how = f"measured {line.measured}" if line.measured else ""
    return ". ".join(filter(None, [how, line.note]))
