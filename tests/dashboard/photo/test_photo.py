"""The Photo page's steps that need no network."""

import io

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest


def pick() -> AppTest:
    def page() -> None:
        import streamlit as st

        from dashboard.photo.steps import pick_photo

        photo = pick_photo()
        st.text(f"{photo.size}" if photo else "none")

    return AppTest.from_function(page).run()


@pytest.mark.parametrize("name", ["face.jfif", "face.jpe", "face.tga", "face"])
def test_the_page_takes_a_photo_by_its_content_whatever_its_suffix(name):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40)).save(buffer, "TGA" if name.endswith("tga") else "JPEG")
    app = pick()
    app.file_uploader(key="photo.file").set_value((name, buffer.getvalue(), "image/jpeg")).run()
    assert app.text[0].value == "(60, 40)"


def test_what_is_no_photo_is_told_on_the_page():
    app = pick()
    app.file_uploader(key="photo.file").set_value(("face.jpg", b"%PDF-1.7", "image/jpeg")).run()
    assert "a PDF" in app.error[0].value


@pytest.mark.parametrize("peak", [0.0, 1.0])
def test_a_heatmap_is_called_zero_where_it_is_and_nowhere_else(monkeypatch, peak):
    def heat(run_id, head, face, expression):
        heatmap = np.zeros(face.shape, np.float32)
        heatmap[5, 5] = peak
        return heatmap

    def page() -> None:
        import numpy as np

        from dashboard.shared.face_detail import show_heatmap

        show_heatmap("run", "labels", np.zeros((48, 48), np.uint8), "happy", "photo")

    monkeypatch.setattr("dashboard.shared.face_detail.explain_face", heat)
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [warning.value[:40] for warning in app.warning] == (
        [] if peak else ["Grad-CAM is zero everywhere for happy: n"]
    )
