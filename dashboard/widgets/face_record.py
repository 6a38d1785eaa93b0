"""All that is known of one face of a data set, its copies beside it, and the buttons that correct its label."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.copy_sets import CopySet, Tile, plot_copy_sets
from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.corrections import load_log
from dashboard.theme import CHART_CONFIG
from dashboard.widgets.faces import enlarge
from dashboard.widgets.label_buttons import (
    WHERE_KEYS_GO,
    drop_button,
    expression_buttons,
    tell_held_back,
    undo_button,
)  # fmt: skip
from dashboard.widgets.page import shown_errors
from fer_core.corrections.log import DROP, Correction, this_person
from fer_core.corrections.overlay import holds_back
from fer_core.data.dataset import VOTES, Dataset
from fer_core.data.find_faces import FLAGS, number_sets
from fer_core.labels import EXPRESSIONS
from fer_core.wording import count_of

SIDE_PX = 224
N_COLUMNS = 4
FACE = "face"  # the query parameter that names the chosen face


def find_linked(dataset: Dataset) -> int | None:
    """The row of the face that the page's link names, None where it names none of this data set."""
    rows = np.flatnonzero((dataset.table["face_id"] == st.query_params.get(FACE, "")).to_numpy())
    return int(rows[0]) if len(rows) else None


def forget_face() -> None:
    """Takes the face out of the page's link, where other faces are to be shown."""
    st.query_params.pop(FACE, None)


def take_click(key: str, rows: list[int], dataset: Dataset) -> None:
    """Puts the clicked face of a chart into the page's link.

    Args:
        key: of the chart, whose points' customdata is a position in `rows`.
        rows: of the faces that the chart shows.
        dataset: they are of.
    """
    points = st.session_state[key]["selection"]["points"]
    if points:
        position = points[0]["customdata"]
        row = rows[int(position[0] if isinstance(position, list) else position)]
        st.query_params[FACE] = dataset.table["face_id"].iloc[row]


def show_record(dataset: Dataset, row: int, why: str) -> None:
    """The face with its labels, votes, copies and corrections.

    Args:
        dataset: it is of.
        row: in the data set.
        why: what led to it, for the list of corrections.
    """
    face = dataset.table.iloc[row]
    with shown_errors(), st.container(border=True):
        made = [c for c in load_log(dataset.name).standing.values() if c.face_id == face["face_id"]]
        picture, facts = st.columns(2)
        _show_buttons(dataset, face, made, why)
        picture.image(enlarge(dataset.faces[row], SIDE_PX), alt=f"face labelled {face['expression']}")
        facts.markdown(_describe(face))
        _show_copies(dataset, row)
        _show_votes(face)


def _describe(face: pd.Series) -> str:
    """The facts, a line each."""
    lines = [f"labelled **{face['expression']}**"]
    if face["expression"] != face["original_expression"]:
        lines.append(f"the source says **{face['original_expression']}**; changed by {face['label_from']}")
    lines.append(f"{face['split']} · {face['source']}")
    if face["subject"]:
        lines.append(f"subject {face['subject']}")
    if face.get(FLAGS):
        lines.append(f"flags: {face[FLAGS].replace(',', ', ')}")
    return "  \n".join([*lines, f":small[`{face['origin']}`]"])


def _show_buttons(dataset: Dataset, face: pd.Series, made: list[Correction], why: str) -> None:
    """The expressions to choose from, and the corrections that stand, each with its undo."""
    who = this_person()
    now = {**face[["face_id", "sha256"]], "expression": made[-1].expression if made else face["expression"]}
    expression_buttons(dataset.name, now, why, who, "record")
    with st.container(horizontal=True, vertical_alignment="center"):
        drop_button(dataset.name, now, why, who, "record")
        if not made:
            st.caption(f"Press 1 to 7 to call it another expression, 0 to leave it out. {WHERE_KEYS_GO}")
        elif not holds_back(dataset.info["recipe"], face["split"]):
            st.caption("It counts once the data set is assembled again, under Labels.")
    tell_held_back(dataset.info["recipe"], face["split"])
    for correction in reversed(made):
        with st.container(horizontal=True, vertical_alignment="center"):
            undo_button(dataset.name, correction, who, "Undo", f"record.undo.{correction.correction_id}")
            word = "left out" if correction.expression == DROP else f"called **{correction.expression}**"
            st.markdown(f"{word} by {correction.who}, {correction.when[:10]}")


def _show_votes(face: pd.Series) -> None:
    shares = np.array([face.get(f"{VOTES}{expression}", np.nan) for expression in EXPRESSIONS], float)
    if np.isfinite(shares).all():
        figure = plot_probabilities(compute_probabilities(shares)).update_xaxes(title="share of the votes")
        st.plotly_chart(figure, key="record.votes", config=CHART_CONFIG)


def _show_copies(dataset: Dataset, row: int) -> None:
    numbers = number_sets(dataset.table)
    others = np.flatnonzero(numbers == numbers[row])
    others = others[others != row]
    if not len(others):
        st.caption("No other face of the data set is a copy of it.")
        return
    show_sets(dataset, [(count_of(len(others), "copy") + " of it", others)], N_COLUMNS, "record.copies")


def show_sets(dataset: Dataset, sets: list[tuple[str, np.ndarray]], n_columns: int, key: str) -> None:
    """Faces in rows, to be clicked; of a set with more faces than places, as many as there are places.

    Args:
        dataset: whose faces they are.
        sets: for each a phrase and the rows of its faces.
        n_columns: places a row.
        key: of the chart.
    """
    shown = [rows[:n_columns] for _, rows in sets]
    drawn = [
        CopySet(title + (f", {n_columns} of them shown" if len(rows) > n_columns else ""), _cut(dataset, part))
        for (title, rows), part in zip(sets, shown, strict=True)
    ]
    rows = [int(row) for part in shown for row in part]
    key = f"{key}.{rows[0]}"  # the choice made in other rows is none in these
    options: dict[str, Any] = {"on_select": lambda: take_click(key, rows, dataset), "selection_mode": "points"}
    st.plotly_chart(plot_copy_sets(drawn, n_columns), key=key, config={"displayModeBar": False}, **options)


def _cut(dataset: Dataset, rows: np.ndarray) -> tuple[Tile, ...]:
    faces = dataset.table.iloc[rows]
    return tuple(
        Tile(enlarge(pixels, 96), label, f"{split}<br>{source}")
        for pixels, label, split, source in zip(
            dataset.faces[rows], faces["expression"], faces["split"], faces["source"], strict=True
        )
    )
