"""One face: the picture, the seven probabilities, and where the network looked."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.datasets import load_face
from dashboard.services.networks import explain_face
from dashboard.shared.face_pictures import enlarge
from dashboard.shared.page import shown_errors
from dashboard.theme import CHART_CONFIG
from fer_core.inference.heatmap import explain_blank, is_blank, overlay_heatmap, to_png
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import Head
from fer_core.runs.run import Run

SIDE_PX = 288


def show_face(run: Run, head: Head, face: pd.Series) -> None:
    """Draws the chosen face beside its probabilities and its Grad-CAM for a chosen class."""
    pixels = load_face(run.config.dataset, face["face_id"], face["digest"])
    probs = face[[f"prob_{e}" for e in EXPRESSIONS]].to_numpy(float)
    with st.container(border=True):
        st.markdown(f"**{face['face_id']}** · labelled {face['expression']}, predicted as {face['predicted']}")
        picture, heat, bars = st.columns([2, 2, 3])
        if pixels is None:
            picture.info(f"This face is no longer in the data set {run.config.dataset}.", icon=":material/block:")
        else:
            picture.image(enlarge(pixels, SIDE_PX), alt=f"face labelled {face['expression']}")
            with heat:
                show_heatmap(run.run_id, head, pixels, str(face["predicted"]), "errors")
        with bars:
            st.plotly_chart(plot_probabilities(compute_probabilities(probs)), key="errors.probs", config=CHART_CONFIG)
        if face.get("copy_in_train"):
            st.caption("The network was trained on this face or an exact copy of it.")
        elif face.get("near_copy_in_train"):
            st.caption("The network was trained on a near copy of this face.")


def show_heatmap(run_id: str, head: Head, pixels: np.ndarray, predicted: str, where: str) -> None:
    """Draws Grad-CAM over the face for a chosen class, with adjustable strength and a download."""
    place = st.container()
    expression = st.selectbox(
        "Grad-CAM for", EXPRESSIONS, EXPRESSIONS.index(predicted), key=f"{where}.class.{predicted}"
    )
    strength = st.slider("Strength", 0.0, 1.0, 0.5, 0.05, key=f"{where}.strength")
    with shown_errors(), place:
        with st.spinner("Computing Grad-CAM ..."):
            heatmap = explain_face(run_id, head, pixels, expression)
            picture = overlay_heatmap(pixels, heatmap, strength, SIDE_PX)
        st.image(picture, alt=f"Grad-CAM for {expression}")
        if is_blank(heatmap):
            st.warning(explain_blank(expression), icon=":material/visibility_off:")
        st.download_button(
            "Download", to_png(picture), f"grad-cam-{expression}.png", "image/png", key=f"{where}.download"
        )
