"""The Search page in every state of a search, with runs played by the test."""

import pandas as pd
import pytest

from dashboard.search.form import read_table
from dashboard.services.searches import load_importances
from fer_core.base.files import write_json
from fer_core.runners import local
from fer_core.runs.find import list_runs
from fer_core.studies.search import searches, study
from fer_core.studies.search.coordinator import Coordinator
from fer_core.studies.search.ranges import parse_range
from fer_core.studies.search.summary import summarise_search
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset
from tests.helpers.searches import new_search, run_of, train_all


@pytest.fixture(autouse=True)
def no_processes(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)


def texts(app):
    return " ".join(element.value for kind in ("markdown", "info", "error", "caption") for element in app.get(kind))


def test_without_optuna_the_page_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(study, "find_spec", lambda name: None)
    assert "pip install optuna" in texts(open_page("search"))


def test_the_form_starts_a_search_with_the_ranges_of_the_table_and_shows_it():
    new_search("zero")
    app = open_page("search")
    assert app.selectbox(key="search.name").value == "zero"
    app.number_input(key="search.trials").set_value(3)
    next(button for button in app.button if button.label == "Start the search").click().run()
    assert not app.exception
    search = searches.get_search("quick-1")
    assert search.info["n_trials"] == 3
    assert search.info["ranges"] == ["learning_rate=0.001..0.025:log", "weight_decay=1e-05..0.01:log"]
    assert app.selectbox(key="search.name").value == "quick-1"


def test_a_search_that_cannot_start_is_refused_on_the_page_with_the_same_sentence():
    app = open_page("search")
    app.number_input(key="search.trials").set_value(0)
    next(button for button in app.button if button.label == "Start the search").click().run()
    assert "trials: expected 1 or more, got 0" in texts(app)


def test_a_running_search_shows_its_progress_and_can_be_stopped():
    search = new_search()
    Coordinator(search).step()
    app = open_page("search")
    assert [button.label for button in app.button if "search." in (button.key or "")] == ["Start the search", "Stop"]
    app.button(key="search.stop.lr").click().run()
    assert not app.exception
    assert search.state == "stopped"
    (run,) = list_runs()
    assert (run.state, run.why_stopped) == ("stopped", "stopped with its search")


@pytest.mark.parametrize("state", ["stopped", "failed"])
def test_a_search_that_ended_early_can_go_on(state):
    search = new_search()
    write_json(search.path / "exit.json", {"state": state, "message": "why it ended"})
    app = open_page("search")
    app.button(key="search.resume.lr").click().run()
    assert not app.exception
    assert search.state == "running"


def test_a_finished_search_shows_its_best_values_and_leads_to_the_train_form():
    search = new_search(n_trials=11)
    coordinator = Coordinator(search)
    train_all(search, 11, lambda: coordinator)
    best = summarise_search(search)["best"]
    app = open_page("search")
    assert f"Best: trial {best['trial']} " in texts(app)
    train = open_page("train", **{"from": best["run_id"]})
    assert train.number_input(key=f"train.{best['run_id']}.learning_rate").value == best["params"]["learning_rate"]


def test_delete_asks_first():
    search = new_search()
    write_json(search.path / "exit.json", {"state": "stopped", "message": ""})
    app = open_page("search")
    app.button(key="search.lr.ask").click().run()
    assert "will be deleted permanently. Its runs are kept." in texts(app)
    assert search.path.exists()


def test_importances_wait_for_enough_complete_trials():
    search = new_search(n_trials=12)
    coordinator = Coordinator(search)
    train_all(search, 9, lambda: coordinator)
    assert load_importances(summarise_search(search)) == ({}, 1)
    assert run_of(search).state == "queued"
    train_all(search, 1, lambda: coordinator)
    shares, n_missing = load_importances(summarise_search(search))
    assert n_missing == 0
    assert set(shares) == {"learning_rate", "optimizer"}
    assert sum(shares.values()) == pytest.approx(1)


def test_the_table_is_read_as_ranges_and_empty_rows_are_passed_over():
    table = pd.DataFrame(
        [
            ("learning_rate", 0.001, 0.1, True, None),
            ("epochs", 5.0, 20.0, None, None),
            ("optimizer", None, None, False, "sgd|adamw"),
            (None, None, None, None, None),
        ],
        columns=["field", "low", "high", "log", "choices"],
    )
    texts = read_table(table)
    assert texts == ["learning_rate=0.001..0.1:log", "epochs=5..20", "optimizer=sgd|adamw"]
    assert [str(parse_range(text)) for text in texts] == texts
