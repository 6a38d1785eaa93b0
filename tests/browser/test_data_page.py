"""The Data page in a real browser: sections and filters in the link, a face corrected and given back, the form."""

import re
from urllib.parse import quote

from playwright.sync_api import TimeoutError

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import open_log
from fer_core.datasets.dataset import dataset_names, open_dataset
from tests.helpers.browser import LONG_MS, click_in_chart
from tests.helpers.samples import make_dataset, make_voted_dataset


def choose(page, label, option):
    """Opens a box and takes one of its options; the list closes again where the page moves under it, hence twice."""
    wanted = page.get_by_role("option", name=option, exact=True)
    page.get_by_label(label, exact=True).first.click()
    try:
        wanted.click(timeout=5000)
    except TimeoutError:
        page.get_by_label(label, exact=True).first.click()
        wanted.click()


def test_a_face_is_found_clicked_corrected_with_a_key_and_given_back(page, address, tmp_path):
    dataset = make_dataset(tmp_path)
    rows = [row for row in dataset.rows("test") if dataset.table["expression"].iloc[row] == "happy"]
    page.goto(f"{address}/data")
    page.get_by_role("radio", name="Faces").or_(page.get_by_role("button", name="Faces", exact=True)).first.click()
    page.wait_for_url(re.compile("data.section=Faces"))
    choose(page, "Split", "test")
    page.get_by_text("14 faces", exact=True).wait_for()
    choose(page, "Expression", "happy")
    page.get_by_text("2 faces", exact=True).click()  # else the keys still go to the box
    assert "data.split=test" in page.url and "data.expression=happy" in page.url

    click_in_chart(page, f"data.faces.0.{rows[0]}", 1.5 / 8, 0.5)
    page.wait_for_url(re.compile("face=fer2013"))
    name = page.locator("code", has_text=dataset.table["origin"].iloc[rows[1]]).first
    name.wait_for()
    page.keyboard.press("5")
    page.get_by_text(re.compile("^labelled sad by")).wait_for()
    page.get_by_text("All decisions are saved.").wait_for()
    (made,) = open_log("tiny").standing.values()
    assert (made.face_id, made.expression) == (dataset.table["face_id"].iloc[rows[1]], "sad")

    page.reload()  # the link brings back section, filters and face
    page.get_by_text("2 faces", exact=True).wait_for()
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_text("Press 1 to 7 to change the label").wait_for()
    page.get_by_text("All decisions are saved.").wait_for()
    assert not open_log("tiny").standing


def test_pages_of_faces_are_turned_and_stand_in_the_link(page, address, tmp_path):
    dataset = make_dataset(tmp_path, n_per_class=20)
    page.goto(f"{address}/data?data.section=Faces&face={quote(dataset.table['face_id'].iloc[5])}")
    page.locator("code", has_text=dataset.table["origin"].iloc[5]).wait_for()
    page.get_by_role("button", name="Next page").click()
    page.wait_for_url(lambda url: "data.page=2" in url and "face=" not in url)
    page.get_by_text("Click a face").wait_for()  # the face of the page before is no longer chosen
    choose(page, "Order", "by label")
    page.wait_for_url(lambda url: "data.page" not in url)


def test_a_data_set_is_assembled_by_its_votes_and_says_what_that_changed(page, address, tmp_path):
    make_voted_dataset(tmp_path)
    path = tmp_path / "voted-source" / "fer2013.csv"
    assemble(DatasetRecipe("voted", sources=(("pixelcsv", str(path)),)))  # as the page recognises drawn faces
    page.goto(f"{address}/data")
    page.get_by_text("Assemble a data set").click()
    field = page.get_by_role("textbox", name="Path of a source")
    field.fill(str(path))
    field.press("Enter")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("paragraph").filter(has_text="42 faces with votes").wait_for()
    name = page.get_by_label("Name of the data set")
    name.fill("voted")
    name.press("Enter")
    page.get_by_text("Replaces voted (42 faces").wait_for()
    page.locator("summary", has_text="Labels").click()
    choose(page, "Labels", "majority of votes")
    page.get_by_role("button", name="Assemble", exact=True).click()
    page.get_by_text("voted is assembled.").wait_for(timeout=LONG_MS)
    page.get_by_text(re.compile("Compared with the previous version.*12 labels changed")).wait_for()
    assert open_dataset("voted").info.recipe.labels == "votes"


def test_a_data_set_is_deleted_by_two_clicks_and_the_next_one_is_shown(page, address, tmp_path):
    make_dataset(tmp_path, "other")
    make_dataset(tmp_path, "tiny")
    page.goto(f"{address}/data?data.name=tiny")
    page.get_by_role("button", name="Delete ...").click()
    page.get_by_text("its 42 faces will be deleted permanently").wait_for()
    page.get_by_role("button", name="Delete permanently").click()
    page.get_by_text("tiny is deleted.").wait_for()
    page.wait_for_url(lambda url: "data.name=tiny" not in url)
    assert dataset_names() == ["other"]
