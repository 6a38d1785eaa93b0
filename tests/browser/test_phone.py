"""Pages on a phone: grids of faces leave no gap beneath them, and a face stands on one screen with its buttons."""

import pytest

from dashboard.data.copies import N_COLUMNS
from dashboard.figures.copy_sets import LEAST_PITCH_PX
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from tests.helpers.samples import make_dataset, make_voted_dataset, write_fer2013


@pytest.fixture
def phone(page):
    """The page, 390 x 844 px large."""
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def test_a_grid_of_faces_is_as_tall_as_its_rows_are_on_a_narrow_screen(phone, address, tmp_path):
    make_dataset(tmp_path, n_per_class=20)
    phone.goto(f"{address}/data?data.section=Faces")
    sheet = phone.locator('[class*="st-key-grid-data"] .imagelayer image')
    sheet.wait_for()
    phone.wait_for_function("""() => {
        const box = document.querySelector('[class*="st-key-grid-data"]').getBoundingClientRect()
        const sheet = document.querySelector('[class*="st-key-grid-data"] .imagelayer image').getBoundingClientRect()
        return Math.abs(sheet.bottom - box.bottom) < 6 && Math.abs(sheet.width - box.width) < 6
    }""")


def test_copies_side_by_side_keep_their_texts_apart_on_a_narrow_screen(phone, address, tmp_path):
    path = write_fer2013(tmp_path)
    path.write_text(path.read_text() + path.read_text().splitlines()[1] + "\n")
    assemble(DatasetRecipe("copies", sources=(("auto", str(path)),)))
    phone.goto(f"{address}/data?data.section=Copies&data.set_kind=all, the largest first")
    chart = phone.locator('[class*="st-key-scrolled-data"] .js-plotly-plot')
    chart.wait_for()
    assert chart.bounding_box()["width"] >= N_COLUMNS * LEAST_PITCH_PX
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_face_for_review_its_opinions_and_its_seven_buttons_are_on_one_screen(phone, address, tmp_path):
    make_voted_dataset(tmp_path)
    phone.goto(f"{address}/review")
    phone.get_by_text("share of votes").wait_for()
    top = phone.get_by_role("img", name="face labelled").bounding_box()["y"]
    last = phone.get_by_role("button", name="neutral", exact=True).bounding_box()
    assert last["y"] + last["height"] - top < 600, "of 844 px, which hold the progress and the browser's own bars too"
