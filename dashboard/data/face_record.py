"""The record of one face of a data set, with its copies and the buttons that correct its label."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.copy_sets import LEAST_PITCH_PX, CopySet, Tile, plot_copy_sets
from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.corrections import load_log
from dashboard.services.datasets import name_version
from dashboard.shared.face_grid import FACE, scrolled, take_click
from dashboard.shared.face_pictures import enlarge
from dashboard.shared.labeller import Sent, read_sent, show_labeller
from dashboard.shared.labelling import answer_sent, describe_corrections, describe_faces, describe_keys, draw_pictures
from dashboard.shared.link import keep_link, read_link, write_link
from dashboard.shared.page import shown_errors
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of
from fer_core.datasets.corrections.log import Correction, this_person
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.select import FLAGS_COLUMN, number_sets
from fer_core.labels import EXPRESSIONS
from fer_core.sources.records import VOTES

N_COLUMNS = 4
KEY = "record.labeller"
CHOOSE = "Click a face to see its record and correct its label."


def find_linked(dataset: Dataset) -> int | None:
    """The row of the face that the page's link names; None if it names no face of this data set."""
    row = int(dataset.find_rows([read_link(FACE)])[0])
    return None if row < 0 else row


def forget_face() -> None:
    """Removes the face from the page's link, because other faces will be shown."""
    write_link(FACE, "")


def show_record(dataset: Dataset, row: int | None, why: str) -> None:
    """Draws the face with its labels, votes, copies and corrections, or a placeholder if no face is chosen.

    Args:
        dataset: the data set with the face.
        row: row in the data set; None if no face is chosen, and then keys do nothing.
        why: the reason for the correction, stored in the list of corrections.
    """
    with shown_errors(), st.container(border=True):
        sent = read_sent(KEY)
        answer = answer_sent(sent)  # also what was decided on the face before
        data = describe_record(dataset, row, load_log(dataset.name).standing.values(), sent)
        data |= describe_keys(dataset, this_person(), why)
        if show_labeller(KEY, data | answer, on_sent=lambda: keep_link(FACE)).revision != sent.revision:
            st.rerun()  # a browser that was connected again: what it has sent is readable only from now on
        if row is not None:
            _show_copies(dataset, row)
            _show_votes(dataset.table.iloc[row])


def describe_record(dataset: Dataset, row: int | None, standing: Iterable[Correction], sent: Sent) -> dict[str, object]:
    """The chosen face and its corrections, in the form that the labeller expects."""
    faces, made = [], []
    if row is not None:
        face = dataset.table.iloc[row]
        face_id = str(face["face_id"])
        more = {face_id: {"name": str(face["origin"]), "facts": _list_facts(face)}}
        faces = describe_faces(dataset, [face_id], more, ())
        made = [c for c in standing if c.face_id == face_id]
    return {
        "mode": "face",
        "list": " · ".join((dataset.name, name_version(dataset))),
        "faces": faces,
        "past": [],
        "pictures": draw_pictures(dataset, faces, sent.held),
        "history": describe_corrections(made),
        "counts": {"n": 0, "n_done": 0, "n_decisions": len(made), "n_changed": 0, "n_dropped": 0},
        "opinions_title": "",
        "empty": CHOOSE,
    }


def _list_facts(face: pd.Series) -> list[str]:
    """Facts about the face other than its label, one per line."""
    lines = []
    if face["expression"] != face["original_expression"]:
        lines.append(f"source label {face['original_expression']}; changed by {face['label_from']}")
    lines.append(f"{face['split']} · {face['source']}")
    if face["subject"]:
        lines.append(f"subject {face['subject']}")
    if face.get(FLAGS_COLUMN):
        lines.append(f"flags: {face[FLAGS_COLUMN].replace(',', ', ')}")
    return lines


def _show_votes(face: pd.Series) -> None:
    shares = np.array([face.get(f"{VOTES}{expression}", np.nan) for expression in EXPRESSIONS], float)
    if np.isfinite(shares).all():
        figure = plot_probabilities(compute_probabilities(shares)).update_xaxes(title="share of votes")
        st.plotly_chart(figure, key="record.votes", config=CHART_CONFIG)


def _show_copies(dataset: Dataset, row: int) -> None:
    numbers = number_sets(dataset.table)
    others = np.flatnonzero(numbers == numbers[row])
    others = others[others != row]
    if not len(others):
        st.caption("This face has no copies in the data set.")
        return
    show_sets(dataset, [(count_of(len(others), "copy") + " of this face", others)], N_COLUMNS, "record.copies")


def show_sets(dataset: Dataset, sets: list[tuple[str, np.ndarray]], n_columns: int, key: str) -> None:
    """Draws clickable faces, one set per row; of a larger set, only the first `n_columns` faces.

    Args:
        dataset: the data set with the faces.
        sets: a title and the rows of the faces, for each set.
        n_columns: faces per row.
        key: key of the chart.
    """
    shown = [rows[:n_columns] for _, rows in sets]
    drawn = [
        CopySet(title + (f", {n_columns} of them shown" if len(rows) > n_columns else ""), _cut(dataset, part))
        for (title, rows), part in zip(sets, shown, strict=True)
    ]
    rows = [int(row) for part in shown for row in part]
    key = f"{key}.{rows[0]}"  # the choice made in other rows is none in these
    ids = dataset.table["face_id"].iloc[rows].tolist()
    options: dict[str, Any] = {"on_select": lambda: take_click(key, ids), "selection_mode": "points"}
    with scrolled(key, n_columns * LEAST_PITCH_PX):
        st.plotly_chart(plot_copy_sets(drawn, n_columns), key=key, config={"displayModeBar": False}, **options)


def _cut(dataset: Dataset, rows: np.ndarray) -> tuple[Tile, ...]:
    faces = dataset.table.iloc[rows]
    return tuple(
        Tile(enlarge(pixels, 96), label, f"{split}<br>{source}")
        for pixels, label, split, source in zip(
            dataset.faces[rows], faces["expression"], faces["split"], faces["source"], strict=True
        )
    )
