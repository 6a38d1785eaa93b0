import pytest

from dashboard.shared.fits import explain_misfit
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset
from tests.helpers.trained import finish
from tests.helpers.training import TINY, new_run


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    return make_dataset(tmp_path)


def explain(*names, n_views=0):
    return explain_misfit({**TINY, "teacher": ",".join(names), "teacher_views": n_views})


def test_the_form_says_before_the_start_what_is_wrong_with_a_teacher():
    assert explain() == ""
    assert explain("bundled", n_views=8) == ""  # which has learned none of these patterns
    assert explain("none").startswith("teacher: There is no run 'none'")
    assert explain(n_views=8).startswith("teacher: teacher_views is 8, but no teacher is named")


def test_the_form_says_that_a_teacher_has_learned_the_faces():
    run = finish(new_run(epochs=1))
    app = open_page("train", **{"train.preset": "fast", "train.dataset": "tiny"})
    app.text_input(key="train.fast.teacher").set_value(run.run_id).run()
    (sentence,) = [info.value for info in app.info if "was trained on" in info.value]
    assert sentence.startswith(f"The teacher {run.run_id} was trained on 14 of the 14 training faces")


def test_the_train_page_asks_for_the_teacher_of_a_preset_that_has_none():
    app = open_page("train", **{"train.preset": "student", "train.dataset": "tiny"})
    (said,) = [error.value for error in app.error if "no teacher is named" in error.value]
    assert "or a cross-validation from the Runs page" in said
    app.text_input(key="train.student.teacher").set_value("bundled").run()
    assert not [error.value for error in app.error if "no teacher is named" in error.value]
