import json

import pytest

from fer_core.datasets.dataset import dataset_names
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.studies.dataset_use import delete_unused
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset


@pytest.fixture
def run(tmp_path):
    for name in ("other", "tiny"):
        make_dataset(tmp_path, name)
    run = create_run(build_config({"dataset": "tiny", "name": "one", "device": "cpu"}), "test")
    (run.path / "exit.json").write_text(json.dumps({"state": "finished", "message": ""}))
    return run


def ask(app):
    """The page with the question open about the data set tiny."""
    app.selectbox(key="data.name").select("tiny").run()
    return app.button(key="data.delete.ask").click().run()


def told(app):
    return " ".join(each.value for each in [*app.markdown, *app.error])


def test_the_question_says_what_is_lost_and_nothing_is_deleted_before_the_answer(run):
    app = ask(open_page("data"))
    assert "its 42 faces will be deleted permanently" in told(app)
    assert "1 run trained on it keeps its weights, scores and predictions" in told(app)
    assert run.run_id in told(app)
    assert app.button(key="data.delete.confirm").label == "Delete permanently"
    app.button(key="data.delete.keep").click().run()
    assert dataset_names() == ["other", "tiny"]


def test_a_data_set_that_a_run_waits_for_says_how_to_end_that(run):
    app = open_page("data")
    (run.path / "exit.json").unlink()
    (run.path / "queued.json").write_text('{"time": 1}')
    ask(app)
    assert f"**tiny** cannot be deleted now. The run {run.run_id} is queued on it" in told(app)


def test_a_page_that_showed_a_data_set_shows_another_once_it_is_gone(run):
    app = open_page("data")
    app.selectbox(key="data.name").select("tiny").run()
    delete_unused("tiny")
    app.run()
    assert not app.exception
    assert app.selectbox(key="data.name").value == "other"
