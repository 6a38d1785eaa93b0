"""Choices in the page's link: a message that carries an older link takes none of them back."""

from streamlit.testing.v1 import AppTest


def draw_page():
    import streamlit as st

    from dashboard.shared.link import keep_link, read_link, write_link

    st.button("choose b", on_click=lambda: write_link("face", "b"))
    st.button("choose none", on_click=lambda: write_link("face", ""))
    st.button("label it", on_click=lambda: keep_link("face"))
    st.button("another", on_click=lambda: None)
    st.write(read_link("face") or "none")


def open_page(**link):
    page = AppTest.from_function(draw_page)
    page.query_params.update(link)
    return page.run()


def click(page, label):
    (button,) = (button for button in page.button if button.label == label)
    return button.click().run()


def test_what_a_link_names_is_chosen():
    assert open_page(face="a").markdown[0].value == "a"
    assert open_page().markdown[0].value == "none"


def test_a_message_sent_before_the_answer_to_a_click_leaves_the_clicked_face_chosen():
    page = click(open_page(face="a"), "choose b")
    page.query_params["face"] = "a"  # as the browser had it
    click(page, "label it")
    assert page.markdown[0].value == "b"
    assert "b" in page.query_params["face"]


def test_a_face_that_was_let_go_does_not_come_back_with_such_a_message():
    page = click(open_page(face="a"), "choose none")
    page.query_params["face"] = "a"
    assert click(page, "label it").markdown[0].value == "none"
    assert "face" not in page.query_params


def test_another_link_opened_later_counts():
    page = click(open_page(face="a"), "choose b")
    page.query_params["face"] = "c"
    page.run()
    assert page.markdown[0].value == "c"
    assert click(page, "label it").markdown[0].value == "c"
