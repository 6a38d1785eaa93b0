"""Searches with their real coordinator, supervisor and trainer processes. Each test waits for a file."""

import os
import signal
import threading
import time

import pytest

from fer_core.jobs.processes import find_process
from fer_core.runners import local
from fer_core.runs.find import list_runs
from fer_core.runs.run import split_metrics
from fer_core.studies.search.coordinator import Coordinator
from fer_core.studies.search.searches import reconcile_searches, resume_search, stop_search
from fer_core.studies.search.summary import summarise_search
from tests.helpers.searches import new_search, run_of, states, train_all

pytestmark = pytest.mark.slow


def wait(condition, search, timeout_s=240):
    ends, tick = time.monotonic() + timeout_s, threading.Event()
    while not condition():
        assert time.monotonic() < ends, f"{search.state}, {states(search)}\n{(search.path / 'log.txt').read_text()}"
        tick.wait(0.1)


def is_trained(search):
    """True when a trial is in training."""
    trials = summarise_search(search)["trials"]
    return bool(trials and trials[-1]["run_id"]) and bool(split_metrics(run_of(search).metrics())[0])


def test_three_trials_are_trained_one_after_the_other_and_the_best_is_told():
    search = new_search(n_trials=3, epochs=2)
    wait(lambda: search.state != "running", search)
    assert search.state == "finished", search.exit
    assert states(search) == ["complete"] * 3
    assert [run.info.trial for run in reversed(list_runs())] == [0, 1, 2]
    summary = summarise_search(search)
    assert summary["best"]["value"] == max(trial["value"] for trial in summary["trials"])
    assert f"best: trial {summary['best']['trial']} " in search.exit.message


def test_a_killed_coordinator_is_followed_by_one_that_loses_nothing():
    search = new_search(n_trials=2, epochs=25)
    wait(lambda: is_trained(search), search)
    os.kill(find_process(search.path / "process.json").pid, signal.SIGKILL)
    wait(lambda: search.state == "lost", search)
    reconcile_searches()
    wait(lambda: search.exit is not None, search)
    assert states(search) == ["complete"] * 2
    assert len(list_runs()) == 2
    assert summarise_search(search)["trials"][0]["n_epochs"] == 25


def test_a_stopped_search_stops_its_training_with_a_checkpoint_and_goes_on_from_it():
    search = new_search(n_trials=1, epochs=80)
    wait(lambda: is_trained(search), search)
    stop_search(search)
    wait(lambda: search.state == "stopped" and run_of(search).state == "stopped", search)
    assert "stopped with its search; resume continues" in run_of(search).exit.message
    resume_search(search)
    wait(lambda: search.exit is not None, search)
    assert states(search) == ["complete"]
    assert "continuing after step" in run_of(search).log_tail(10**6)


def test_a_pruned_training_ends_with_a_checkpoint_and_a_message_that_says_so(monkeypatch):
    with monkeypatch.context() as played:
        played.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
        played.setattr(local, "start_supervisor", lambda *args: None)
        search = new_search(n_trials=6, epochs=90)
        coordinator = Coordinator(search)
        train_all(search, 5, lambda: coordinator, [1.1] * 90)
    local.reconcile()
    wait(lambda: coordinator.step() or states(search)[-1] == "pruned", search)
    run = run_of(search)
    assert run.state == "stopped"
    assert run.exit.message.startswith("pruned by the search lr")
    assert run.last_checkpoint.is_file()
