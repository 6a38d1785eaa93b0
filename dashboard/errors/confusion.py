"""The clickable confusion matrix, its equivalent for the keyboard, and the headline scores of a split."""

import pandas as pd
import streamlit as st

from dashboard.figures.confusion import compute_confusion, plot_confusion, read_selected_cell
from dashboard.shared.link import read_link, write_link
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of, percent
from fer_core.evaluation.metrics import say_averaged
from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.runs.report import NO_CONFUSION, SplitReport

Cell = tuple[int, int]


def show_scores(report: SplitReport) -> None:
    """Draws accuracy, accuracy without copies, macro F1 and calibration error of a split."""
    columns = st.columns(4)
    without = report.accuracy_without_copies
    columns[0].metric(f"Accuracy, {count_of(report.n, 'face')}", percent(report.accuracy))
    n, near = report.n_without_copies, report.n_without_near_copies
    words = "Only faces with no exact copy among the faces that the network was trained on."
    if near is not None:
        words += (
            f" Without near copies as well: {percent(report.accuracy_without_near_copies)} of {count_of(near, 'face')}."
        )
    columns[1].metric(
        "Without copies" if n is None else f"Without copies, {count_of(n, 'face')}", percent(without), help=words
    )
    columns[2].metric(
        f"Macro F1, {say_averaged(report)[0]}" if report.confusion else "Macro F1",
        percent(report.macro_f1),
        help="Mean F1 over the classes that were labelled or predicted; a class without faces has no F1.",
    )
    columns[3].metric(
        "Calibration error",
        percent(report.ece),
        help=("Expected calibration error (ECE): the mean difference between confidence and accuracy."),
    )
    if report.learned_note:
        st.caption(report.learned_note)
    if not report.confusion:
        st.warning(NO_CONFUSION)


def pick_cell(counts: list[list[int]]) -> Cell:
    """The chosen (true, predicted) cell, which is also in the page's link; by default the most common confusion."""
    cell = _cell_of_link() or _commonest_confusion(counts)
    dark = st.context.theme.type == "dark"
    figure = plot_confusion(compute_confusion(counts), selected=cell, dark=dark)
    event = st.plotly_chart(
        figure, key="errors.matrix", on_select=_take_click, selection_mode="points", config=CHART_CONFIG
    )
    del event  # _take_click has put the choice into the link
    with st.expander("As a table (arrow keys and space select a cell)"):
        table = pd.DataFrame(counts, index=list(EXPRESSIONS), columns=list(EXPRESSIONS))
        st.dataframe(table, key="errors.table", on_select=_take_table_cell, selection_mode="single-cell")
    return cell


def _take_click() -> None:
    cell = read_selected_cell(st.session_state["errors.matrix"])
    if cell:
        _put_in_link(cell)


def _take_table_cell() -> None:
    cells = st.session_state["errors.table"]["selection"]["cells"]
    if cells and cells[0][1] in INDEX:
        _put_in_link((int(cells[0][0]), INDEX[cells[0][1]]))


def _put_in_link(cell: Cell) -> None:
    write_link("cell", f"{EXPRESSIONS[cell[0]]}-{EXPRESSIONS[cell[1]]}")
    write_link("face", "")


def _cell_of_link() -> Cell | None:
    true, _, predicted = read_link("cell").partition("-")
    return (INDEX[true], INDEX[predicted]) if true in INDEX and predicted in INDEX else None


def _commonest_confusion(counts: list[list[int]]) -> Cell:
    cells = [(i, j) for i in range(len(counts)) for j in range(len(counts)) if i != j]
    return max(cells, key=lambda cell: counts[cell[0]][cell[1]])
