"""Photo: the faces of a photograph, classified and explained. Nothing uploaded is written to disk."""

import streamlit as st

from dashboard.photo.steps import classify, pick_photo, show_boxes, show_prediction
from dashboard.services.networks import load_heads
from dashboard.services.runs import load_networks
from dashboard.shared.heads import pick_head
from dashboard.shared.page import header, shown_errors
from dashboard.shared.pickers import pick_run

header(
    "Photo",
    ("Classify the faces of a photograph and see what the network looked at. The photograph is kept in memory only."),
)

rows = load_networks()
left, right = st.columns([3, 2], vertical_alignment="bottom")
with left:
    run_id = pick_run(rows, "photo.run", "Network")
with shown_errors():
    with right:
        head = pick_head(load_heads(run_id), "people", "photo.head")
    if next(row.drawn for row in rows if row.run_id == run_id):
        st.warning(
            "This network was trained on drawn faces only, so its predictions on photographs are unreliable.",
            icon=":material/draw:",
        )

    photo = pick_photo()
    if photo is None:
        st.info("Upload a photo with a face, or take one with the camera.", icon=":material/lightbulb:")
        st.stop()

    predictions = classify(run_id, head, photo)
    if predictions:
        left, right = st.columns([1, 1], gap="large")
        with left:
            chosen = show_boxes(photo, predictions)
        with right:
            show_prediction(run_id, head, predictions[chosen])
