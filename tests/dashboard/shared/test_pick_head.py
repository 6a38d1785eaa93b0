"""The choice of the head that answers."""

import pytest
from streamlit.testing.v1 import AppTest


def draw_page():
    import streamlit as st

    from dashboard.shared.heads import pick_head

    heads = ("labels",) if st.query_params.get("one") else ("labels", "people")
    st.text(pick_head(heads, "people", "photo.head"))


@pytest.mark.parametrize(
    ("link", "answers"), [({}, "people"), ({"photo.head": "labels"}, "labels"), ({"photo.head": "odd"}, "people")]
)
def test_the_link_chooses_the_head_where_it_names_one(link, answers):
    page = AppTest.from_function(draw_page)
    page.query_params.update(link)
    assert page.run().text[0].value == answers


def test_a_choice_is_put_into_the_link():
    page = AppTest.from_function(draw_page).run()
    assert "photo.head" not in page.query_params
    page.segmented_control(key="photo.head").set_value("labels").run()
    assert page.text[0].value == "labels"
    assert "labels" in page.query_params["photo.head"]


def test_nothing_is_asked_of_a_network_with_one_head():
    page = AppTest.from_function(draw_page)
    page.query_params["one"] = "yes"
    page.run()
    assert (page.text[0].value, len(page.segmented_control)) == ("labels", 0)
