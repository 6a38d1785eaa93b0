"""Export of a finished run as a zip file."""

import streamlit as st

from dashboard.services.exports import load_zip
from dashboard.shared.page import shown_errors
from dashboard.shared.pickers import pick_run
from fer_core.base.extras import has_extra
from fer_core.runs.summary import RunSummary


def show_export(rows: list[RunSummary]) -> None:
    """Draws a picker of the finished runs, the contents of the zip, and the button that makes it."""
    finished = [row for row in rows if row.state == "finished"]
    if not finished:
        st.caption("Only finished runs can be exported.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = pick_run(finished, "runs.export", "Run to export")
        onnx = has_extra("onnx") and st.toggle(
            "with ONNX", key="runs.onnx", help="one file from grey faces to probabilities, checked against torch"
        )
        asked = st.button("Make the zip", key="runs.zip", icon=":material/folder_zip:")
    st.caption("Weights (safetensors), model card, config, curves and report.")
    if asked:
        with shown_errors(), st.spinner("Collecting the files ..."):
            data, name = load_zip(run_id, onnx), f"{run_id}{'-onnx' if onnx else ''}.zip"
            st.download_button("Download", data, name, "application/zip", key="runs.download", on_click="ignore")
