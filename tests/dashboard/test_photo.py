"""The Photo page's steps that need no network."""

import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest


def pick() -> AppTest:
    def page() -> None:
        import streamlit as st

        from dashboard.widgets.photo import pick_photo

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
