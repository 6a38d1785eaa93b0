"""Blank, dark, blurred or tiny faces and images that are not faces: counts, exclusions, and the faces themselves."""

import pandas as pd
import streamlit as st

from dashboard.data.face_record import find_linked, show_record
from dashboard.data.too_old import offer_again
from dashboard.figures.quality import compute_flag_counts, plot_flag_counts
from dashboard.shared.face_grid import Faces, pick_face
from dashboard.shared.tables import NOTHING
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import count_of
from fer_core.datasets.checks.flags import FLAGS, SIDE, describe_flagged, list_flagged
from fer_core.datasets.counts import Quality
from fer_core.datasets.dataset import Dataset
from fer_core.pictures.measures import MEASURES

N_COLUMNS, N_SHOWN = 12, 48
_COLUMNS = {
    "face_id": st.column_config.TextColumn("Face"),
    "expression": st.column_config.TextColumn("Labelled"),
    "split": st.column_config.TextColumn("Split"),
    "brightness": st.column_config.NumberColumn("Brightness", format="%.2f", help="of the bright parts; 1 is white"),
    "contrast": st.column_config.NumberColumn("Contrast", format="%.3f", help="standard deviation, 1 is white"),
    "sharpness": st.column_config.NumberColumn("Sharpness", format="%.2f", help="0.25 has no detail, 0.7 is usual"),
    SIDE: st.column_config.NumberColumn("Side, px", help="in the source, before it was resized"),
    "flags": st.column_config.TextColumn("Flags"),
}


def show_quality(dataset: Dataset) -> None:
    """Draws the section for one data set."""
    st.subheader("Quality", anchor=False)
    quality = dataset.info.quality
    if quality is None:
        why = "This data set was assembled by an earlier version that did not measure its faces."
        offer_again(dataset.name, why, "Assemble again to measure them", "quality.again")
        return
    st.markdown(_describe(dataset.info.n, quality))
    if not quality.counts:
        return
    sources = {part.source: part.n for part in dataset.info.sources}
    figure = plot_flag_counts(compute_flag_counts(quality.counts, sources))
    st.plotly_chart(figure, key="quality.counts", config=CHART_CONFIG)
    _show_flagged(dataset, [flag for flag in FLAGS if any(row.flag == flag for row in quality.counts)])


def _describe(n: int, quality: Quality) -> str:
    left_out = quality.left_out
    words = [describe_flagged(n, quality)]
    if left_out.by_flag:
        flags = ", ".join(f"{n:,} {flag}" for flag, n in left_out.by_flag.items())
        words.append(f"Assembling excluded {left_out.n:,} ({flags}).")
    if left_out.n_held_back:
        words.append(f"Kept so that scores stay comparable: {left_out.n_held_back:,} in validation and test.")
    return " ".join(words)


def _show_flagged(dataset: Dataset, flags: list[str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        flag = st.segmented_control("Flag", flags, default=flags[0], key=f"quality.{','.join(flags)}", required=True)
        split = st.selectbox("Split", ["all", "train", "val", "test"], key="quality.split", width=150)
    found = list_flagged(dataset, flag, split)
    if found.empty:
        st.info("No face of this split has the flag. Choose another split.", icon=":material/lightbulb:")
        return
    shown = found.head(N_SHOWN)
    n_shown = (f"{len(shown):,} of " if len(found) > len(shown) else "") + count_of(len(found), "face")
    order = ", worst first" if FLAGS[flag].measure else ""
    st.caption(
        f"{flag}: {FLAGS[flag].meaning}. {n_shown}{order}; hover over a face for measurements, click it for details."
    )
    faces = Faces(shown["face_id"].tolist(), dataset.faces[shown.index.to_numpy()])
    captions = [_caption(face) for _, face in shown.iterrows()]
    chosen = pick_face(faces, captions, f"quality.faces.{flag}.{split}", n_columns=N_COLUMNS)
    if chosen:
        show_record(dataset, find_linked(dataset), f"quality: {flag}")
    with st.expander("Measurements"):
        st.dataframe(
            shown[list(_COLUMNS)], hide_index=True, key="quality.measures", column_config=_COLUMNS, placeholder=NOTHING
        )


def _caption(face: pd.Series) -> str:
    measures = ", ".join(f"{name} {face[name]:.2f}" for name in MEASURES)
    return f"{face['face_id']}, labelled {face['expression']}, {face['split']}<br>{measures}, {face[SIDE]} px"
