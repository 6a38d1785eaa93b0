"""The Photo page's steps: take a picture, detect and classify its faces, show one."""

import hashlib
from typing import TYPE_CHECKING

import streamlit as st
from PIL import Image, ImageDraw, ImageFont

from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.networks import load_network
from dashboard.shared.face_detail import show_heatmap
from dashboard.shared.page import shown_errors
from dashboard.theme import CHART_CONFIG, EXPRESSION_COLOURS
from fer_core.base.text import percent
from fer_core.models.heads import Head
from fer_core.pictures.photo import read_photo

if TYPE_CHECKING:
    from fer_core.inference.photo import FacePrediction

SHOWN_PX = 900


def pick_photo() -> Image.Image | None:
    """The uploaded or taken photograph, upright, or None; an error in a file is shown in place."""
    upload, camera = st.tabs(["Upload", "Camera"], key="photo.how", on_change="rerun")
    with upload:
        file = st.file_uploader(
            "Photograph (JPEG, PNG, WebP, AVIF, HEIC, BMP, GIF, TIFF and others)",
            key="photo.file",
            max_upload_size=50,
        )  # any suffix: the content decides, as for fer predict
    with camera:
        if st.session_state.get("photo.how") == "Camera":  # the browser asks for the camera only then
            file = st.camera_input("Camera", key="photo.camera") or file
    if file is None:
        return None
    with shown_errors():
        return read_photo(file.getvalue(), file.name)
    return None


def classify(run_id: str, head: Head, photo: Image.Image) -> "list[FacePrediction]":
    """The faces of the photo with their probabilities, the largest first; kept for this session's photo."""
    key = (run_id, head, hashlib.sha256(photo.tobytes()).hexdigest())
    kept = st.session_state.get("photo.result")
    if kept and kept[0] == key:
        return kept[1]
    with shown_errors(), st.spinner("Detecting and classifying faces ..."):
        from fer_core.inference.photo import predict_photo

        found = predict_photo(load_network(run_id, head), photo)
        st.session_state["photo.result"] = (key, found)
        return found
    return []


def show_boxes(photo: Image.Image, predictions: "list[FacePrediction]") -> int:
    """The photograph with numbered boxes; returns the position of the chosen face."""
    st.image(draw_boxes(photo, predictions), alt="the photograph with the detected faces", width="stretch")
    if predictions[0].box is None:
        st.warning(
            "No face was detected, so the whole photograph was classified as one face.", icon=":material/search_off:"
        )
        return 0
    names = [f"{i}: {face.expression}" for i, face in enumerate(predictions, start=1)]
    chosen = st.pills(
        "Face", range(len(names)), format_func=names.__getitem__, default=0, key="photo.face", required=True
    )
    return min(chosen or 0, len(names) - 1)


def draw_boxes(photo: Image.Image, predictions: "list[FacePrediction]") -> Image.Image:
    """The photograph, at most SHOWN_PX wide, each face boxed in its expression's colour and numbered."""
    scale = min(1.0, SHOWN_PX / photo.width)
    picture = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    for number, face in enumerate(predictions, start=1):
        if face.box is None:
            continue
        colour = EXPRESSION_COLOURS[face.expression]
        left, top, right, bottom = (v * scale for v in (face.box.left, face.box.top, face.box.right, face.box.bottom))
        draw.rectangle((left, top, right, bottom), outline=colour, width=max(2, round(picture.width / 250)))
        font = ImageFont.load_default(size=max(14, picture.width / 40))
        around = draw.textbbox((left, top), f" {number} ", font=font)
        draw.rectangle(around, fill=colour)
        draw.text((left, top), f" {number} ", fill="white", font=font)
    return picture


def show_prediction(run_id: str, head: Head, face: "FacePrediction") -> None:
    """Draws seven bars and the Grad-CAM of the chosen face."""
    st.subheader(f"{face.expression}, {percent(face.probs.max())}", anchor=False)
    st.plotly_chart(plot_probabilities(compute_probabilities(face.probs)), key="photo.probs", config=CHART_CONFIG)
    show_heatmap(run_id, head, face.face, face.expression, "photo")
