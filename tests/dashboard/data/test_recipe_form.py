import json

import streamlit as st

from dashboard.data import assembly
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset, write_ckplus, write_fer2013


def test_the_data_page_tells_near_copies_and_shows_data_sets_from_before_they_were_looked_for(tmp_path):
    info_file = make_dataset(tmp_path).path / "dataset.json"
    info = json.loads(info_file.read_text())
    info["copies"]["near"] |= {"groups": 12, "test_faces_with_copy_in_train": 7}
    info_file.write_text(json.dumps(info))
    app = open_page("data")
    assert app.metric[4].delta == "7 with near copies"
    assert any("12 groups of exact or near copies" in caption.value for caption in app.caption)
    del info["copies"]["near"], info["n_dropped_copies"]
    info_file.write_text(json.dumps(info))
    st.cache_data.clear()
    app = open_page("data")
    assert not app.metric[4].delta
    assert not any("near copies" in caption.value for caption in app.caption)


def test_the_form_hands_the_choice_about_copies_to_the_assembly(tmp_path, monkeypatch):
    recipes = []
    monkeypatch.setattr(assembly, "start_assembly", recipes.append)
    app = open_page("data")
    app.text_input(key="data.path").set_value(str(write_fer2013(tmp_path)))
    app.button(key="data.add").click().run()
    app.selectbox(key="data.copy_rule").set_value("drop_contradicting")
    app.selectbox(key="data.turned").set_value("yes")
    app.button(key="data.assemble").click().run()
    app.checkbox(key="data.near").uncheck()
    app.button(key="data.assemble").click().run()
    assert not app.exception
    assert [recipe.copies for recipe in recipes] == ["drop_contradicting"] * 2
    assert [(recipe.near, recipe.turned) for recipe in recipes] == [(True, True), (False, None)]


def test_the_form_says_where_turned_copies_are_not_looked_for(tmp_path, monkeypatch):
    monkeypatch.setattr("dashboard.data.recipe_form.MAX_FACES", 20)
    app = open_page("data")
    app.text_input(key="data.path").set_value(str(write_fer2013(tmp_path)))
    app.button(key="data.add").click().run()
    assert any("turned copies are not searched for unless" in caption.value for caption in app.caption)
    app.selectbox(key="data.turned").set_value("yes").run()
    assert not any("turned copies are not searched for" in caption.value for caption in app.caption)


def test_the_data_page_offers_to_leave_out_each_of_several_sources(tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("dashboard.data.assembly.start_assembly", started.append)
    app = open_page("data")
    for path in (write_fer2013(tmp_path), write_ckplus(tmp_path)):
        app.text_input(key="data.path").set_value(str(path))
        app.button(key="data.add").click().run()
    rules = app.selectbox(key="data.rule")
    assert rules.options == ["official", "80:10:10", "leave-out:pixelcsv", "leave-out:ckplus"]
    rules.set_value("leave-out:ckplus")
    app.button(key="data.assemble").click().run()
    assert not app.exception
    assert [recipe.split for recipe in started] == ["leave-out:ckplus"]


def add_sources(app, *paths):
    for path in paths:
        app.text_input(key="data.path").set_value(str(path))
        app.button(key="data.add").click().run()


def test_the_form_hands_caps_and_balanced_sources_to_the_assembly(tmp_path, monkeypatch):
    recipes = []
    monkeypatch.setattr(assembly, "start_assembly", recipes.append)
    app = open_page("data")
    add_sources(app, write_fer2013(tmp_path), write_ckplus(tmp_path))
    app.number_input(key="data.cap.pixelcsv").set_value(3)
    app.checkbox(key="data.balanced.ckplus").check()
    app.button(key="data.assemble").click().run()
    assert not app.exception
    assert [(recipe.caps, recipe.balance) for recipe in recipes] == [((("pixelcsv", 3),), ("ckplus",))]


def test_the_data_page_shows_the_balance_and_the_card_also_of_older_data_sets(tmp_path):
    dataset = make_dataset(tmp_path)

    def open_section(name):
        st.cache_resource.clear()
        return open_page("data", **{"data.section": name})

    shares = next(frame.value for frame in open_section("Balance").dataframe if "With class_weights" in frame.value)
    assert shares.loc[0, ["Source", "Within limits", "Share"]].tolist() == ["fer2013", 14, 1]
    texts = [text.value for text in open_section("Card").markdown]
    assert any("#### How to reproduce it" in text for text in texts)
    assert not any("pretty_name" in text for text in texts)
    info = {key: value for key, value in dataset.info.to_document().items() if key != "balance"}
    (dataset.path / "dataset.json").write_text(json.dumps(info))
    (dataset.path / "CARD.md").unlink()
    assert any("Assemble it again" in info.value for info in open_section("Balance").info)
    assert any("#### How to reproduce it" in text.value for text in open_section("Card").markdown)
