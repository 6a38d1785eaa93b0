"""A search whose runs are played by the test: what is asked, told, pruned and picked up again."""

import json
import threading

import pytest

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.jobs.outcome import Stopped
from fer_core.runners import local, slurm, submit
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.find import delete_run, list_runs
from fer_core.runs.run import Run
from fer_core.studies.search import start
from fer_core.studies.search.coordinator import Coordinator
from fer_core.studies.search.searches import resume_search
from fer_core.studies.search.summary import summarise_search
from tests.helpers.samples import make_dataset
from tests.helpers.searches import new_search, play, run_of, states, train_all

pytestmark = pytest.mark.usefixtures("no_coordinator", "no_supervisor")


@pytest.fixture
def no_supervisor(monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)


def test_a_trial_is_an_ordinary_run_and_its_value_the_best_validation_accuracy():
    search = new_search(n_trials=2)
    coordinator = Coordinator(search)
    coordinator.step()
    run = run_of(search)
    assert (run.state, run.title) == ("queued", "lr 0")
    assert (run.info.search, run.info.trial) == ("lr", 0)
    assert 0.001 <= run.config.learning_rate <= 0.1
    play(run, [0.3, 0.6, 0.5], "finished")
    coordinator.step()
    summary = summarise_search(search)
    assert states(search) == ["complete", "running"]
    assert summary["best"]["value"] == coordinator.study.best_value == 0.6
    assert summary["best"]["run_id"] == run.run_id
    assert summary["n_done"] == 1


def test_on_slurm_the_trials_that_begin_together_are_one_job_array(monkeypatch):
    sent = []
    monkeypatch.setattr(slurm, "start", lambda runs: sent.append([run.run_id for run in runs]))
    search = new_search(n_trials=3, parallel=2, on_slurm=SlurmOptions(gpus=1), device="auto")
    coordinator = Coordinator(search)
    coordinator.step()
    first, second = (run_of(search, trial) for trial in (0, 1))
    assert sent == [[first.run_id, second.run_id]]
    assert first.config.device == "cuda"
    assert first.slurm["options"]["gpus"] == 1
    play(first, [0.5, 0.6, 0.7], "finished")
    coordinator.step()
    assert sent[1:] == [[run_of(search, 2).run_id]]


def test_it_ends_when_all_trials_have_ended():
    search = new_search(n_trials=2)
    coordinator = Coordinator(search)
    train_all(search, 2, lambda: coordinator)
    assert coordinator.work(threading.Event()).startswith("best: trial")
    assert len(list_runs()) == 2


def test_a_search_killed_after_every_step_draws_the_values_of_one_that_never_was():
    n = 14  # the sampler learns from the tenth on
    steady, killed = new_search("steady", n), new_search("killed", n)
    coordinator = Coordinator(steady)
    train_all(steady, n, lambda: coordinator)
    train_all(killed, n, lambda: Coordinator(killed))
    drawn = [[trial["params"] for trial in summarise_search(search)["trials"]] for search in (steady, killed)]
    assert drawn[0] == drawn[1]
    assert len({str(params) for params in drawn[0]}) == n


def test_a_trial_that_falls_behind_is_pruned_through_the_queue():
    search = new_search(n_trials=7)
    coordinator = Coordinator(search)
    train_all(search, 5, lambda: coordinator, [0.8, 0.8, 0.8])
    play(run_of(search), [0.1, 0.2])
    coordinator.step()
    run = run_of(search)
    assert run.state == "stopped"
    assert run.exit.message.startswith("pruned by the search lr: after epoch 2 its best validation accuracy, 20.0 %")
    coordinator.step()
    assert states(search) == ["complete"] * 5 + ["pruned", "running"]
    pruned = summarise_search(search)["trials"][5]
    assert pruned["value"] == 0.2
    assert pruned["message"] == run.exit.message


@pytest.mark.parametrize(
    ("ranges", "accuracies"),
    [
        pytest.param(["learning_rate=0.001..0.1:log"], [0.1], id="in the first third of its epochs"),
        pytest.param(["learning_rate=0.001..0.1:log"], [0.1, 0.1, 0.1], id="when its epochs are done"),
        pytest.param(["epochs=3..9"], [0.1, 0.1], id="when trials differ in epochs"),
    ],
)
def test_a_trial_is_not_pruned(ranges, accuracies):
    search = new_search(n_trials=7, ranges=ranges)
    coordinator = Coordinator(search)
    train_all(search, 5, lambda: coordinator, [0.8, 0.8, 0.8])
    play(run_of(search), accuracies)
    coordinator.step()
    assert run_of(search).state == "queued"


def fail(run):
    play(run, [], "failed", "The loss became NaN or infinite")


@pytest.mark.parametrize(
    ("end", "message"),
    [
        pytest.param(fail, "The loss became NaN or infinite", id="it failed"),
        pytest.param(submit.cancel, "stopped by a person", id="a person stopped it"),
        pytest.param(
            lambda run: (submit.cancel(run), delete_run(run)), "its run was deleted", id="a person deleted it"
        ),
    ],
)
def test_a_run_that_comes_to_nothing_is_a_failed_trial_and_the_search_goes_on(end, message):
    search = new_search()
    coordinator = Coordinator(search)
    coordinator.step()
    end(run_of(search))
    coordinator.step()
    assert states(search) == ["failed", "running"]
    assert summarise_search(search)["trials"][0]["message"] == message


def test_values_that_cannot_be_trained_are_failed_trials_with_the_reason(monkeypatch):
    monkeypatch.setattr(
        "fer_core.studies.search.start.check_fits", lambda config, dataset: None
    )  # which looks at each range alone
    search = new_search(n_trials=1, ranges=["crop_px=48..500"])
    coordinator = Coordinator(search)
    assert coordinator.work(threading.Event()) == "no trial has finished"
    assert states(search) == ["failed"]
    assert "exceeds the 48 px" in summarise_search(search)["trials"][0]["message"]
    assert list_runs() == []


def test_a_trial_whose_coordinator_died_before_it_had_a_run_gets_one():
    steady, killed = new_search("steady", 1), new_search("killed", 1)
    Coordinator(steady).step()
    Coordinator(killed).study.ask()
    Coordinator(killed).step()
    assert states(killed) == ["running"]
    assert run_of(killed).state == "queued"
    assert summarise_search(killed)["trials"][0]["params"] == summarise_search(steady)["trials"][0]["params"]


def test_stopping_stops_the_trainings_and_resuming_goes_on_with_the_same_ones():
    search = new_search()
    stopped = threading.Event()
    coordinator = Coordinator(search)
    coordinator.step()
    play(run_of(search), [0.4])
    coordinator.step()
    stopped.set()
    with pytest.raises(Stopped):
        coordinator.work(stopped)
    assert run_of(search).state == "stopped"
    assert states(search) == ["running"]
    Coordinator(search).step()
    assert run_of(search).state == "queued"
    assert len(list_runs()) == 1


def test_a_lost_run_goes_on():
    search = new_search()
    Coordinator(search).step()
    (run_of(search).path / "queued.json").unlink()
    assert run_of(search).state == "lost"
    Coordinator(search).step()
    assert run_of(search).state == "queued"


def test_trials_at_a_time_go_to_devices_of_their_own(monkeypatch):
    monkeypatch.setattr(start, "list_devices", lambda: ["cuda:0", "cuda:1", "cpu"])
    search = new_search(n_trials=5, parallel=2, device="auto")
    Coordinator(search).step()
    assert sorted(run.device for run in list_runs()) == ["cuda:0", "cuda:1"]


def test_the_test_scores_are_never_read(monkeypatch):
    def refuse(run):
        raise AssertionError("the search looked at a report")

    monkeypatch.setattr(Run, "report", property(refuse))
    search = new_search(n_trials=2)
    coordinator = Coordinator(search)
    coordinator.step()
    write_json(run_of(search).path / "report.json", {"test": {"n": 14, "accuracy": 0.123456}})
    play(run_of(search), [0.5], "finished", "best epoch 1: test accuracy 0.123456 on 9 faces")
    coordinator.step()
    assert states(search) == ["complete", "running"]
    assert "0.123456" not in json.dumps(summarise_search(search)) + search.journal.read_text()


def test_another_data_set_under_the_same_name_ends_the_search_with_both_fingerprints(tmp_path):
    search = new_search()
    coordinator = Coordinator(search)
    coordinator.step()
    began = search.info["dataset_fingerprint"]
    now = make_dataset(tmp_path, seed=1).info.fingerprint
    submit.cancel(run_of(search))
    with pytest.raises(InputError, match=f"{began[:16]}; it was assembled again and now has {now[:16]}"):
        coordinator.step()
    write_json(search.path / "exit.json", {"state": "stopped", "message": ""})
    with pytest.raises(InputError, match="Start a new search on it"):
        resume_search(search)
