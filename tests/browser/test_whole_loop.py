"""The whole way through the product, as a person goes it, in a real browser."""

import re

from tests.helpers.browser import LONG_MS, click_in_chart
from tests.helpers.photo import draw_photo
from tests.helpers.samples import write_ckplus, write_fer2013


def open_page(page, title):
    page.get_by_role("link", name=title, exact=True).first.click()
    page.get_by_role("heading", name=title, exact=True).wait_for()


def test_from_an_empty_workspace_to_an_explained_photo(page, address, tmp_path):
    draw_photo(("happy",), seed=1).save(tmp_path / "photo.jpg")
    page.goto(address)
    page.get_by_text("There is no data set yet").wait_for()

    open_page(page, "Data")
    page.get_by_role("button", name=re.compile("Draw the demo faces")).click()
    page.get_by_text("These faces are drawn by the program").wait_for(timeout=LONG_MS)

    open_page(page, "Train")
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"quick is queued|epoch \d+ of|of 8")).first.wait_for()
    page.get_by_text(re.compile(r"quick.*finished: best epoch")).wait_for(timeout=LONG_MS)

    open_page(page, "Runs")
    page.get_by_text("Test scores are for reporting").wait_for()

    open_page(page, "Errors")
    page.get_by_text("Click a face for its probabilities").wait_for()
    click_in_chart(page, "errors.matrix", 3.5 / 7, 3.5 / 7)
    page.get_by_text("happy, classified correctly").wait_for()
    assert "cell=happy-happy" in page.url
    click_in_chart(page, "errors.faces", 1.5 / 8, 0.1)
    page.wait_for_url(re.compile("face="))
    page.get_by_alt_text(re.compile("Grad-CAM for")).first.wait_for(timeout=LONG_MS)

    open_page(page, "Photo")
    page.locator('input[aria-label="Network"][value*="bundled network"]').wait_for()
    page.locator('input[type="file"]').first.set_input_files(tmp_path / "photo.jpg")
    page.get_by_alt_text("the photograph with the detected faces").wait_for(timeout=LONG_MS)
    page.get_by_alt_text(re.compile("Grad-CAM for")).first.wait_for(timeout=LONG_MS)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_sources_on_disk_are_assembled_from_the_page(page, address, tmp_path):
    page.goto(f"{address}/data")
    for path in (write_fer2013(tmp_path), write_ckplus(tmp_path)):
        field = page.get_by_role("textbox", name="Path of a source")
        field.fill(str(path))
        field.press("Enter")
        page.get_by_role("button", name="Add", exact=True).click()
        page.get_by_text(str(path)).first.wait_for()
    page.get_by_text("excluded: 3 contempt").wait_for()
    page.get_by_role("button", name="Assemble", exact=True).click()
    page.get_by_text("51", exact=True).first.wait_for(timeout=LONG_MS)


def test_what_cannot_be_read_is_said_on_the_page_in_a_sentence(page, address, tmp_path):
    page.goto(f"{address}/data")
    field = page.get_by_role("textbox", name="Path of a source")
    field.fill(str(tmp_path / "nowhere"))
    field.press("Enter")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("There is nothing at").wait_for()


def test_a_training_goes_on_when_the_browser_is_closed_and_is_stopped_from_the_page(page, address, workspace):
    from fer_core.datasets.assembling.demo import make_demo
    from fer_core.runs.find import list_runs

    make_demo(n=420)
    page.goto(f"{address}/train")
    page.locator("summary").filter(has_text="All options").click()
    field = page.get_by_label("epochs", exact=True)
    field.fill("5000")  # so that it does not end by itself meanwhile
    field.press("Enter")
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile("images/s|faces/s")).first.wait_for(timeout=LONG_MS)
    page.goto("about:blank")
    page.goto(f"{address}/train")
    page.get_by_text(re.compile("images/s|faces/s")).first.wait_for(timeout=LONG_MS)
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()  # else a click may be lost
    page.get_by_role("button", name="Stop", exact=True).first.click()
    page.get_by_role("button", name="Resume").wait_for(timeout=LONG_MS)
    assert list_runs()[0].state == "stopped"
