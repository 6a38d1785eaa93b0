"""What is not assembled yet, told in a real browser while corrections are made and taken in."""

import pytest

from fer_core.datasets.corrections.log import open_log
from fer_core.review.correct import correct_face
from tests.helpers.browser import LONG_MS
from tests.helpers.samples import make_dataset


@pytest.mark.parametrize("where", ["review", "data?data.section=Labels"])
def test_a_correction_and_its_assembly_are_told_without_a_click(where, page, address, tmp_path):
    dataset = make_dataset(tmp_path)
    page.goto(f"{address}/{where}")
    page.get_by_text("All corrections are applied.").wait_for()
    if where == "review":
        page.locator(".labeller img").wait_for()
        page.keyboard.press("5")
    else:
        correct_face(dataset, open_log("tiny"), dataset.table["face_id"].iloc[0], "fear", "ann")
    page.get_by_text("Not applied yet: 1 correction made or undone since the last assembly.").wait_for()
    page.get_by_role("button", name="Assemble again").click()
    page.get_by_text("All corrections are applied.").wait_for(timeout=LONG_MS)
