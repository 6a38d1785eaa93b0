"""The one thing to do next, given the contents of the workspace."""

import streamlit as st

from dashboard.shared.page import link
from fer_core.datasets.info import DatasetInfo
from fer_core.runs.summary import RunSummary


def next_step(infos: list[DatasetInfo], rows: list[RunSummary]) -> tuple[str, str, str]:
    """The next step as (sentence, page, label of the link), for these data sets and runs."""
    finished = [row for row in rows if row.state == "finished"]
    if not infos:
        return (
            "There is no data set yet. Draw the demo faces, or add FER2013, CK+ or AffectNet.",
            "data",
            "Open Data",
        )
    if any(row.state in ("lost", "failed") for row in rows[:1]):
        return "The latest run ended early. Its log gives the reason; it can be resumed.", "train", ("Open the run")
    if not rows:
        return "A data set is ready. Train a first network on it.", "train", "Train"
    if not finished:
        return "A run is training. Watch its curves.", "train", "Watch"
    if all(info.drawn for info in infos):
        return (
            f"{finished[0].title} was trained on drawn faces. See its errors, then add real data.",
            "errors",
            "See its errors",
        )
    return f"{finished[0].title} has finished. See its errors.", "errors", "See its errors"


def show_next_step(infos: list[DatasetInfo], rows: list[RunSummary]) -> None:
    """Draws the next step as a sentence with a link."""
    sentence, page, label = next_step(infos, rows)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Next:** {sentence}")
        link(page, label, icon=":material/arrow_forward:")
