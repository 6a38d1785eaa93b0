import shutil

import numpy as np
import pytest
import streamlit as st
from PIL import Image

from dashboard.data import assembly
from dashboard.figures.mean_faces import compute_mean_faces, plot_mean_faces
from dashboard.figures.source_leak import plot_source_confusion
from dashboard.shared.face_pictures import pair_sheet
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.demo import make_demo
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.jobs import folder
from fer_core.studies.source_leak import job, net
from tests.helpers.demo import N_FEW, draw_few_people
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset, write_fer2013, write_image


def test_mean_faces_stand_in_a_row_a_source_and_a_column_an_expression():
    means = np.full((2, 7, 8, 8), np.nan)
    counts = np.zeros((2, 7), int)
    means[0, 0], counts[0, 0] = 40, 3
    means[1, 6], counts[1, 6] = 200, 1
    view = compute_mean_faces(means, counts, ["a", "b"])
    sheet = np.asarray(view.sheet)
    cell = sheet.shape[0] // 2
    middles = sheet[cell // 2 :: cell, cell // 2 :: cell]
    assert middles[0, 0].tolist() == [40, 255]
    assert middles[1, 6].tolist() == [200, 255]
    assert (middles[..., 1] > 0).sum() == 2
    (points,) = plot_mean_faces(view).data
    assert sum(text == "none" for text in points.text) == 12
    assert points.hovertext[0] == "a, angry: 3 faces"


def test_pictures_of_any_shape_stand_whole_above_their_faces():
    wide, none = Image.new("RGB", (40, 20), "red"), None
    sheet = np.asarray(pair_sheet([wide, none], np.full((2, 8, 8), 90, np.uint8), 20))
    assert sheet.shape == (48, 48, 4)
    assert sheet[12, 12].tolist() == [255, 0, 0, 255]
    assert sheet[4, 12, 3] == 0  # a wide picture leaves the place above and below it clear
    assert (sheet[:24, 24:, 3] == 0).all()
    assert sheet[36, 36].tolist() == [90, 90, 90, 255]


def test_the_confusion_of_sources_names_them_and_has_their_size():
    figure = plot_source_confusion([[8, 2], [0, 10]], ["one", "two"], "Source predicted, after", dark=False)
    assert list(figure.layout.xaxis.ticktext) == ["one", "two"]
    assert figure.data[-1].hovertext[1] == "of one, predicted as two<br>2 faces, 20.0 % of those of one"


@pytest.fixture
def recipe(tmp_path):
    for i in range(63):
        write_image(tmp_path / "images" / ("angry", "happy", "sad")[i % 3] / f"{i:02d}.png", 500 + i, 60)
    return DatasetRecipe(
        "two", sources=(("fer2013", str(write_fer2013(tmp_path, 20))), ("folder", str(tmp_path / "images")))
    )


def captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_sources_are_shown_before_and_after_or_it_is_said_where_they_were(tmp_path, recipe):
    assemble(recipe)
    told = captions(open_page("data", **{"data.section": "Sources"}))
    assert (
        "**fer2013**: angry, disgust, fear, happy, sad, surprise, neutral. Above: as in the source (48 × 48 px)" in told
    )
    assert (
        "**folder**: angry, happy, sad. Above: as in the source (60 × 60 px); below: as in the data set (48 px" in told
    )
    assert "Select *Align faces*" in told
    shutil.move(tmp_path / "images", tmp_path / "elsewhere")
    st.cache_data.clear()
    told = captions(open_page("data", **{"data.section": "Sources"}))
    assert f"**folder**: its pictures are no longer at {tmp_path / 'images'}" in told
    assert "Above: as in the source (48 × 48 px)" in told


def test_drawn_faces_have_no_pictures_behind_them(monkeypatch):
    draw_few_people(monkeypatch)
    make_demo(n=N_FEW)
    told = captions(open_page("data", **{"data.section": "Sources"}))
    assert "**demo**: drawn by the program" in told
    assert "Select *Align faces*" not in told


def test_the_form_hands_the_choice_to_align_to_the_assembly(tmp_path, monkeypatch):
    recipes = []
    monkeypatch.setattr(assembly, "start_assembly", recipes.append)
    app = open_page("data", **{"data.section": "Sources"})
    app.text_input(key="data.path").set_value(str(write_fer2013(tmp_path)))
    app.button(key="data.add").click().run()
    app.button(key="data.assemble").click().run()
    app.checkbox(key="data.align").check()
    app.button(key="data.assemble").click().run()
    assert [recipe.align for recipe in recipes] == [False, True]


def test_how_many_faces_were_aligned_is_shown_by_source(tmp_path):
    for i in range(9):
        write_image(tmp_path / "images" / ("angry", "happy", "sad")[i % 3] / f"{i:02d}.png", 500 + i, 60)
    sources = ("fer2013", str(write_fer2013(tmp_path, 3))), ("folder", str(tmp_path / "images"))
    assemble(DatasetRecipe("two", sources=sources, align=True))
    app = open_page("data", **{"data.section": "Sources"})
    (table,) = (frame.value for frame in app.dataframe if "Not found, usual crop" in frame.value)
    assert table.to_numpy().tolist() == [["fer2013", 0, 21, "0.0 %"], ["folder", 0, 9, "0.0 %"]]


def test_one_source_is_not_told_from_others(tmp_path):
    make_dataset(tmp_path)
    app = open_page("data", **{"data.section": "Sources"})
    assert "All faces are from one source" in captions(app)
    assert not any(button.key == "data.leak.start" for button in app.button)


def test_the_leak_is_measured_from_the_page_and_shown(recipe, workspace, monkeypatch):
    assemble(recipe)
    monkeypatch.setattr(folder, "leave_detached", lambda command, log: None)
    monkeypatch.setattr(folder.signal, "signal", lambda *args: None)
    app = open_page("data", **{"data.section": "Sources"})
    app.button(key="data.leak.start").click().run()
    assert app.button(key="data.leak.stop")
    monkeypatch.setattr(
        net, "tell_source", lambda pixels, source, is_test, seed, progress: np.zeros(int(is_test.sum()), int)
    )
    job.main(workspace / "datasets" / "two" / ".leak")
    app.run()
    metrics = {metric.label: metric.value for metric in app.metric}
    assert [metrics[label] for label in ("Source predicted, before", "after", "by chance")] == ["50.0 %"] * 3
    assert "20 angry, 20 happy, 20 sad" in captions(app)
    assert not app.exception
