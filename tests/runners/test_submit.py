"""The queue with its real supervisor and trainer processes. Nothing sleeps: each test waits for a file."""

import os
import signal

import pytest
import torch

from fer_core.errors import InputError
from fer_core.jobs.processes import find_process
from fer_core.jobs.state import State
from fer_core.runners import local, submit
from fer_core.runners.follow import stop_and_wait
from fer_core.runs.create import create_run
from fer_core.runs.run import split_metrics
from tests.helpers.queue import LONG, config, supervisor_is_gone, trained
from tests.helpers.samples import make_dataset
from tests.helpers.waiting import wait


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    make_dataset(tmp_path)


@pytest.mark.slow
def test_two_runs_are_trained_one_after_the_other_and_the_supervisor_leaves():
    first, second = (submit.submit(config(1), "test") for _ in range(2))
    assert second.state == "queued"
    wait(lambda: second.state == "finished", second)
    assert first.state == "finished"
    assert first.metrics()[-1].time <= second.metrics()[0].time
    supervisor_is_gone(first)
    assert local.list_queue() == []


@pytest.mark.slow
def test_stop_writes_a_checkpoint_and_resume_goes_on_from_it():
    run = submit.submit(config(LONG), "test")
    wait(lambda: trained(run), run)
    sentence = stop_and_wait(run)
    assert "stopped" in sentence
    assert run.state == "stopped"
    steps = run.metrics()[-1].step
    submit.resume(run)
    wait(lambda: run.state == "running" and run.metrics()[-1].step > steps, run)
    assert "continuing after step" in run.log_tail(10**6)
    stop_and_wait(run)
    supervisor_is_gone(run)


@pytest.mark.slow
def test_a_killed_trainer_is_told_and_can_be_resumed():
    run = submit.submit(config(LONG), "test")
    wait(lambda: trained(run) and run.last_checkpoint.is_file(), run)
    os.kill(find_process(run.path / "process.json").pid, signal.SIGKILL)
    wait(lambda: run.state == "failed", run)
    assert "was killed, possibly because memory ran out" in run.exit.message
    submit.resume(run)
    wait(lambda: run.state == "running", run)
    stop_and_wait(run)
    supervisor_is_gone(run)


@pytest.mark.slow
def test_killed_in_the_middle_and_resumed_it_ends_with_the_very_weights_of_never_killed():
    values = {"epochs": 60, "balance": "sampler", "mixup": 0.4, "ema": 0.9, "dropout": 0.2}
    whole, killed = (submit.submit(config(**values), "test") for _ in range(2))
    wait(lambda: killed.state == "running" and len(split_metrics(killed.metrics())[0]) >= 3, killed)
    os.kill(find_process(killed.path / "process.json").pid, signal.SIGKILL)
    wait(lambda: killed.state == "failed", killed)
    submit.resume(killed)
    wait(lambda: killed.state == "finished", killed)
    assert "continuing after step" in killed.log_tail(10**6)
    expected, found = (torch.load(run.last_checkpoint, weights_only=True) for run in (whole, killed))
    for part in ("model", "ema"):
        assert all(torch.equal(expected[part][key], tensor) for key, tensor in found[part].items())
    supervisor_is_gone(killed)


def test_a_queued_run_leaves_the_queue_before_it_began(monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    run = submit.submit(config(1), "test")
    assert local.list_queue() == [run]
    submit.cancel(run)
    assert (run.state, local.list_queue()) == ("stopped", [])


def test_a_run_is_not_resumed_on_another_data_set_under_the_same_name(monkeypatch, tmp_path):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    run = submit.submit(config(1), "test")
    submit.cancel(run)
    now = make_dataset(tmp_path, seed=1).info.fingerprint
    with pytest.raises(
        InputError, match=f"{run.fingerprint[:16]}, but the data set was assembled again and now has {now[:16]}"
    ):
        submit.resume(run)
    assert (run.state, local.list_queue()) == ("stopped", [])
    make_dataset(tmp_path)
    submit.resume(run)
    assert local.list_queue() == [run]


def test_a_stop_may_say_why_until_the_run_is_resumed(monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    run = submit.submit(config(1), "test")
    submit.cancel(run, "pruned")
    assert (run.why_stopped, run.exit.message) == ("pruned", "pruned")
    submit.resume(run)
    assert run.why_stopped == ""


def test_the_queue_is_in_the_order_of_queueing(monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    ordered = [submit.submit(config(1), "test") for _ in range(3)]
    submit.cancel(ordered[0])
    submit.resume(ordered[0])
    assert local.list_queue() == [ordered[1], ordered[2], ordered[0]]


def test_the_dashboard_finds_a_queue_that_nobody_serves(monkeypatch):
    started = []
    monkeypatch.setattr(local, "start_supervisor", lambda device, folder: started.append(device))
    submit.submit(config(1), "test")
    started.clear()
    local.reconcile()
    assert started == ["cpu"]


def test_what_does_not_run_cannot_be_stopped_and_what_is_done_not_resumed(monkeypatch):
    run = create_run(config(1), "test")
    with pytest.raises(InputError, match="cannot be stopped"):
        submit.cancel(run)
    run.job.end(State.FINISHED, "")
    with pytest.raises(InputError, match="cannot be resumed"):
        submit.resume(run)


def test_a_process_id_used_again_is_not_taken_for_the_trainer(tmp_path):
    (tmp_path / "process.json").write_text(f'{{"pid": {os.getpid()}, "created": 1.0}}')
    assert find_process(tmp_path / "process.json") is None
