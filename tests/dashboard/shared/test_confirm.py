import pytest
from streamlit.testing.v1 import AppTest


def show(refuses):
    """The dialog's content, on a page of its own: AppTest draws the whole page anew at a click, without the dialog."""
    import streamlit as st

    from dashboard.shared import confirm
    from fer_core.errors import InputError

    def delete():
        if refuses:
            raise InputError("It is still at work. Stop it first.")
        st.session_state["deleted"] = True

    confirm._ask(lambda: "All of it will be gone.", delete, "thing")


@pytest.fixture
def dialog():
    return AppTest.from_function(show, kwargs={"refuses": False}).run()


def test_it_is_deleted_after_the_second_click_alone(dialog):
    assert dialog.markdown[0].value == "All of it will be gone."
    dialog.button(key="thing.keep").click().run()
    assert "deleted" not in dialog.session_state
    dialog.button(key="thing.confirm").click().run()
    assert dialog.session_state["deleted"]


def test_why_it_cannot_be_deleted_is_shown_in_the_dialog():
    app = AppTest.from_function(show, kwargs={"refuses": True}).run()
    app.button(key="thing.confirm").click().run()
    assert not app.exception
    assert app.error[0].value.startswith("It is still at work")
