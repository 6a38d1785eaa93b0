import pytest
from streamlit.testing.v1 import AppTest

DONE = []


@pytest.fixture(autouse=True)
def fresh():
    DONE.clear()


def show(refuses):
    """The dialog's content, on a page of its own: AppTest draws the whole page anew at a click, without the dialog."""
    from dashboard.shared import confirm
    from fer_core.errors import InputError
    from tests.dashboard.shared.test_confirm import DONE

    def delete():
        if refuses:
            raise InputError("It is still at work. Stop it first.")
        DONE.append("deleted")

    confirm._ask(lambda: "All of it will be gone.", delete, "thing")


def test_it_is_deleted_after_the_second_click_alone():
    app = AppTest.from_function(show, kwargs={"refuses": False}).run()
    assert (app.markdown[0].value, DONE) == ("All of it will be gone.", [])
    app.button(key="thing.keep").click().run()
    assert DONE == []
    app.button(key="thing.confirm").click().run()
    assert DONE == ["deleted"]


def test_why_it_cannot_be_deleted_is_shown_in_the_dialog():
    app = AppTest.from_function(show, kwargs={"refuses": True}).run()
    app.button(key="thing.confirm").click().run()
    assert not app.exception
    assert app.error[0].value.startswith("It is still at work")
