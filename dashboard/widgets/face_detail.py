"""One face: the picture, the seven probabilities, and where the network looked."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.datasets import load_dataset
from dashboard.services.networks import explain_face
from dashboard.theme import CHART_CONFIG
from dashboard.widgets.faces import enlarge
from dashboard.widgets.page import shown_errors
from fer_core.heatmaps import explain_blank, is_blank, overlay_heatmap, to_png
from fer_core.labels import EXPRESSIONS
from fer_core.runs import Run

SIDE_PX = 288


def show_face(run: Run, face: pd.Series) -> None:
    """The chosen face beside its probabilities and its Grad-CAM for a class of choice."""
    pixels = np.array(load_dataset(run.config.dataset).faces[int(face["row"])])
    probs = face[[f"prob_{e}" for e in EXPRESSIONS]].to_numpy(float)
    with st.container(border=True):
        st.markdown(f"**{face['face_id']}** · labelled {face['expression']}, taken for {face['predicted']}")
        picture, heat, bars = st.columns([2, 2, 3])
        picture.image(enlarge(pixels, SIDE_PX), alt=f"face labelled {face['expression']}")
        with bars:
            st.plotly_chart(plot_probabilities(compute_probabilities(probs)), key="errors.probs", config=CHART_CONFIG)
        with heat:
            show_heatmap(run.run_id, pixels, str(face["predicted"]), "errors")
        if face["copy_in_train"]:
            st.caption("An exact copy of this face is among the training faces.")


def show_heatmap(run_id: str, pixels: np.ndarray, predicted: str, where: str) -> None:
    """Grad-CAM over the face, for a class of choice, with adjustable strength and a download."""
    place = st.container()
    expression = st.selectbox(
        "Grad-CAM for", EXPRESSIONS, EXPRESSIONS.index(predicted), key=f"{where}.class.{predicted}"
    )
    strength = st.slider("Strength", 0.0, 1.0, 0.5, 0.05, key=f"{where}.strength")
    with shown_errors(), place:
        with st.spinner("Computing Grad-CAM ..."):
            heatmap = explain_face(run_id, pixels, expression)
            picture = overlay_heatmap(pixels, heatmap, strength, SIDE_PX)
        st.image(picture, alt=f"Grad-CAM for {expression}")
        if is_blank(heatmap):
            st.warning(explain_blank(expression), icon=":material/visibility_off:")
        st.download_button(
            "Download", to_png(picture), f"grad-cam-{expression}.png", "image/png", key=f"{where}.download"
        )
