"""Whether the sources of a data set look alike: samples, mean faces, and how well they can be classified."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.figures.mean_faces import CELL_PX, FRAME_PX, plot_mean_faces
from dashboard.figures.source_leak import plot_source_confusion
from dashboard.services.distribution import Samples, load_mean_faces, load_samples
from dashboard.shared.face_grid import framed
from dashboard.shared.face_pictures import pair_sheet
from dashboard.shared.form_words import in_form_words
from dashboard.shared.page import shown_errors
from dashboard.shared.run_progress import format_duration
from dashboard.shared.tables import write_numbers
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of, percent
from fer_core.datasets.dataset import Dataset
from fer_core.datasets.info import DatasetInfo
from fer_core.jobs.state import State
from fer_core.labels import EXPRESSIONS
from fer_core.studies.source_leak.job import read_leak_job, start_leak, stop_leak
from fer_core.studies.source_leak.measure import Classified, SourceLeak, read_leak

_TILE_PX = 112


def show_distribution(dataset: Dataset) -> None:
    """Draws alignment, samples before and after, mean faces, and source leakage."""
    st.subheader("Sources side by side", anchor=False)
    st.markdown("A network can mistake whatever distinguishes the sources for the expression.")
    _show_alignment(dataset.info)
    with shown_errors():
        for samples in load_samples(dataset):
            _show_samples(dataset, samples)
    st.markdown("**Mean faces** of the training split")
    means = load_mean_faces(dataset)
    with framed("data.means", len(EXPRESSIONS), len(means.sources), CELL_PX, FRAME_PX):
        st.plotly_chart(plot_mean_faces(means), key="data.means", height="stretch", config=CHART_CONFIG)
    st.caption(
        "Sharp eyes and mouths mean that the faces are aligned in the same way. Where rows differ in lighting or "
        "framing, a network can recognise the source."
    )
    show_leak(dataset)


def _show_alignment(info: DatasetInfo) -> None:
    alignment = info.alignment
    if not alignment:
        if not info.drawn:
            st.caption("Faces are cropped as in their sources. Select *Align faces* when assembling to align them.")
        return
    rows = [
        {
            "Source": source,
            "Faces found and aligned": n.found,
            "Not found, usual crop": n.not_found,
            "Share found": percent(n.found / (n.found + n.not_found)),
        }
        for source, n in alignment.items()
    ]
    st.dataframe(write_numbers(pd.DataFrame(rows)), hide_index=True, key="data.alignment")


def _show_samples(dataset: Dataset, samples: Samples) -> None:
    there = [picture for picture in samples.originals if picture is not None]
    if not there:
        drawn = dataset.info.drawn
        st.caption(
            f"**{samples.source}**: "
            + ("drawn by the program; there are no original pictures." if drawn else _say_gone(dataset, samples.source))
        )
        return
    sizes = sorted({picture.size for picture in there})
    size = " to ".join(f"{width} × {height} px" for width, height in dict.fromkeys((sizes[0], sizes[-1])))
    sheet = pair_sheet(samples.originals, dataset.faces[samples.rows], _TILE_PX)
    st.image(sheet, alt=f"{samples.source}: faces before and after", width=sheet.width)
    gone = len(samples.originals) - len(there)
    st.caption(
        f"**{samples.source}**: {', '.join(samples.expressions)}. Above: as in the source ({size}); below: as in the "
        f"data set ({dataset.info.size_px} px, grey)." + (f" {gone} can no longer be read." if gone else "")
    )


def _say_gone(dataset: Dataset, source: str) -> str:
    path = next(part.path for part in dataset.info.sources if part.source == source)
    return f"its pictures are no longer at {path}. Put them back to compare them with the faces."


def show_leak(dataset: Dataset) -> None:
    """Draws source leakage: the progress of its job, or the result and the button that measures it."""
    st.markdown("**Source leakage**")
    if dataset.table["source"].nunique() < 2:
        st.caption("All faces are from one source, so there is nothing to predict.")
        return
    job = read_leak_job(dataset.name)
    if job and job.state.is_active:
        _show_progress(dataset.name)
        return
    with shown_errors():
        leak = read_leak(dataset)
        if leak:
            _show_result(leak)
        if job and job.state is not State.FINISHED:
            st.error(f"The measurement {in_form_words(job.ended)}")
        label = "Measure again" if leak else "Measure (takes a few minutes)"
        if st.button(label, key="data.leak.start", icon=":material/fingerprint:"):
            start_leak(dataset.name)
            st.rerun()
    st.caption(
        "A small network is trained to predict the source, on equally many faces of each expression from each "
        "source. The closer its accuracy to chance, the less a network trained on this data set can rely on the "
        "source of a face."
    )


@st.fragment(run_every=1.0)
def _show_progress(name: str) -> None:
    job = read_leak_job(name)
    if job is None or not job.state.is_active:
        st.rerun()
    left = f" · {format_duration(job.eta_s)} left" if job.eta_s else ""
    st.progress(min(job.done / job.total, 1.0) if job.total else 0.0, f"{job.step}{left}")
    if st.button("Stop", key="data.leak.stop", icon=":material/stop:"):
        stop_leak(name)


def _show_result(leak: SourceLeak) -> None:
    columns = st.columns(3)
    _show_classified(columns[0], "Source predicted, before", leak.before)
    _show_classified(columns[1], "after", leak.after)
    columns[2].metric("by chance", percent(leak.chance), help="Accuracy of guessing among the sources.")
    dark = st.context.theme.type == "dark"
    shown = [("before", leak.before), ("after", leak.after)]
    charts = st.columns(2)
    for column, (when, classified) in zip(charts, shown, strict=True):
        if classified:
            figure = plot_source_confusion(classified.confusion, leak.sources, f"Source predicted, {when}", dark)
            column.plotly_chart(figure, key=f"data.leak.{when}", config=CHART_CONFIG)
        else:
            column.caption(
                "Before: too few of the sources' pictures can still be read. Put them back and measure again."
            )
    missing = f" {count_of(leak.n_missing, 'picture')} can no longer be read." if leak.n_missing else ""
    st.caption(
        f"{count_of(leak.n_train, 'face')} for training and {leak.n_test:,} for testing, with no shared copy or "
        f"subject: {leak.describe_draw()}.{missing}"
    )


def _show_classified(column: Any, title: str, classified: Classified | None) -> None:
    column.metric(
        title,
        percent(classified.balanced_accuracy if classified else None),
        f"{percent(classified.low)} to {percent(classified.high)}" if classified else None,
        delta_color="off",
        delta_arrow="off",
        help="Balanced accuracy, and its 95 % interval.",
    )
