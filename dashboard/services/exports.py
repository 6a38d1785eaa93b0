"""Runs as files to download."""

import streamlit as st

from fer_core.export.run import zip_run
from fer_core.runs.find import get_run


def load_zip(run_id: str, onnx: bool) -> bytes:
    """The output of `fer runs export` as a zip; the last one is kept while the run's report is unchanged."""
    return _zip(run_id, onnx, (get_run(run_id).path / "report.json").stat().st_mtime_ns)


@st.cache_resource(max_entries=1, show_spinner=False)  # not cache_data, which would copy the bytes at each call
def _zip(run_id: str, onnx: bool, made: int) -> bytes:
    return zip_run(get_run(run_id), onnx)
