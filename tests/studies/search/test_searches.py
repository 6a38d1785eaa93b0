import tomllib
from pathlib import Path

import pytest
from filelock import FileLock

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.studies.search import study
from fer_core.studies.search.searches import (
    delete_search,
    get_search,
    list_searches,
    reconcile_searches,
    resume_search,
    stop_search,
)
from fer_core.studies.search.study import OPTUNA
from fer_core.studies.search.summary import summarise_search
from tests.helpers.project import ROOT
from tests.helpers.searches import RANGES, new_search

pytestmark = pytest.mark.usefixtures("no_coordinator")


@pytest.fixture
def search():
    return new_search()


def test_the_state_is_told_from_the_folder_alone(search):
    assert search.state == "running"
    write_json(search.path / "launched.json", {"time": 0})
    assert search.state == "lost"
    with FileLock(search.path / "alive.lock"):
        assert search.state == "running"
    write_json(search.path / "exit.json", {"state": "finished", "message": ""})
    assert search.state == "finished"


def test_a_search_that_has_just_begun_is_summarised_without_a_journal(search):
    summary = summarise_search(search)
    assert (summary["n_done"], summary["best"], summary["eta_s"], summary["trials"]) == (0, None, None, [])
    assert summary["ranges"] == RANGES


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "../x"}, "is not a valid name for a search"),
        ({"name": "lr"}, "A search named 'lr' already exists"),
        ({"n_trials": 0}, "trials: expected 1 or more, got 0"),
        ({"ranges": ["epochs=9..3"]}, "^epochs: "),
        ({"learning_rate": -1}, "^learning_rate: "),
        ({"dataset": "none"}, "There is no data set 'none'"),
        ({"ranges": ["teacher=bundled|nobody"]}, "^teacher: There is no run 'nobody'"),
        ({"ranges": ["crop_px=0..60"]}, "^crop_px: "),
        ({"parallel": 2}, "parallel: expected 1 to 1, the number of devices, got 2"),
    ],
)
def test_a_search_that_cannot_work_is_refused_and_leaves_nothing(search, options, message):
    with pytest.raises(InputError, match=message):
        new_search(**{"name": "other", **options})
    assert list_searches() == [search]


def test_what_its_state_does_not_allow_is_refused_in_a_sentence(search):
    with pytest.raises(InputError, match="is running and cannot be resumed"):
        resume_search(search)
    with pytest.raises(InputError, match=r"is running\. Stop it first"):
        delete_search(search)
    write_json(search.path / "exit.json", {"state": "finished", "message": ""})
    with pytest.raises(InputError, match="is finished, so it cannot be stopped"):
        stop_search(search)
    delete_search(search)
    with pytest.raises(InputError, match="There is no search 'lr'"):
        get_search("lr")


def test_the_dashboard_starts_the_coordinator_of_a_lost_search_alone(search, monkeypatch):
    stopped = new_search("stopped")
    write_json(stopped.path / "exit.json", {"state": "stopped", "message": ""})
    write_json(search.path / "launched.json", {"time": 0})
    launched = []
    monkeypatch.setattr(
        "fer_core.jobs.folder.leave_detached", lambda command, log: launched.append(Path(command[-1]).name)
    )
    reconcile_searches()
    reconcile_searches()
    assert launched == ["lr"]


def test_without_optuna_a_sentence_says_how_to_install_it(search, monkeypatch):
    monkeypatch.setattr(study, "find_spec", lambda name: None)
    for call in (lambda: new_search("other"), lambda: summarise_search(search), lambda: resume_search(search)):
        with pytest.raises(InputError, match=f"Run pip install {OPTUNA}"):
            call()


def test_the_sentence_names_the_version_that_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["search"] == [OPTUNA]
    assert OPTUNA in (ROOT / "requirements-dev.txt").read_text().splitlines()
