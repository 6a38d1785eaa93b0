"""Trainings on a real Slurm of one node. Nothing sleeps: each test waits for a file or for Slurm's word."""

import json
import os
import subprocess

import pytest

from fer_core.errors import InputError
from fer_core.jobs.processes import find_process
from fer_core.runners import submit
from fer_core.runners.follow import stop_and_wait
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs import poll
from fer_core.runs.find import list_runs
from fer_core.runs.run import split_metrics
from tests.helpers.command import call
from tests.helpers.queue import LONG, config
from tests.helpers.samples import make_dataset
from tests.helpers.training import TINY
from tests.helpers.waiting import wait

pytestmark = pytest.mark.slow
ONE = SlurmOptions(cpus=1)


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    make_dataset(tmp_path)
    monkeypatch.setattr(poll, "_ASK_EVERY_S", 0.2)


def trained(run):
    return bool(split_metrics(run.metrics())[0])


def scancel(run, *arguments):
    subprocess.run(["scancel", *arguments, run.slurm["job_id"]], check=True)


def test_a_run_is_stopped_and_resumed_as_a_new_job_and_is_lost_when_its_job_dies(monkeypatch):
    monkeypatch.setattr(
        "fer_core.jobs.watched.is_locked", lambda path: False
    )  # as on a disk that does not pass the node's lock on
    run = submit.submit(config(LONG), "test", ONE)
    wait(lambda: trained(run), run)
    assert run.state == "running"
    assert "stopped; resume continues" in stop_and_wait(run)
    first, steps = run.slurm["job_id"], run.metrics()[-1].step
    submit.resume(run)
    assert run.state in ("queued", "running")
    assert run.slurm["job_id"] != first
    wait(lambda: run.state == "running" and run.metrics()[-1].step > steps, run)
    assert "continuing after step" in run.log_tail(10**6)
    trainer = find_process(run.path / "process.json")
    for process in (trainer.parent(), trainer):
        process.kill()
    wait(lambda: run.state == "lost", run)


def test_seeds_become_one_array_and_a_waiting_one_can_be_taken_back(capsys):
    settings = [f"--set={key}={value}" for key, value in TINY.items() if key not in ("dataset", "epochs")]
    asked = ["--seeds", "3,4,5", "--on", "slurm", "--cpus", 1, "--parallel", 1, "--epochs", 1]
    code, out, err = call(capsys, "submit", "--dataset", "tiny", *settings, *asked, "--json")
    assert code == 0, err
    first, second, third = sorted(list_runs(), key=lambda run: run.config.seed)
    assert [row["run_id"] for row in json.loads(out)] == [first.run_id, second.run_id, third.run_id]
    array = first.slurm["job_id"].removesuffix("_0")
    assert [run.slurm["job_id"] for run in (first, second, third)] == [f"{array}_{i}" for i in range(3)]
    assert third.state == "queued"
    assert f"cpu, Slurm job {array}_2" in call(capsys, "jobs")[1]
    assert "was removed from the queue" in call(capsys, "stop", third.run_id)[1]
    wait(lambda: second.state == "finished", second)
    assert (first.state, second.state, third.state) == ("finished", "finished", "stopped")
    assert first.metrics()[-1].time <= second.metrics()[0].time


def test_a_job_whose_time_is_over_goes_on_by_itself_until_it_has_finished(workspace):
    run = submit.submit(config(30), "test", ONE)
    wait(lambda: trained(run), run)
    scancel(run, "--signal=USR2")
    wait(lambda: run.state == "queued", run)
    wait(lambda: run.state not in ("queued", "running"), run)
    assert run.state == "finished", run.exit
    assert "continuing after step" in run.log_tail(10**6)
    assert (run.path / "slurm" / f"{run.slurm['job_id']}_submitted.pkl").is_file()
    assert {path.name for path in (workspace / "runs").iterdir()} == {run.run_id}


def test_a_job_that_another_cancelled_has_stopped_with_a_checkpoint(monkeypatch):
    run = submit.submit(config(LONG), "test", ONE)
    wait(lambda: trained(run), run)
    with monkeypatch.context() as patch:
        patch.setenv("SLURM_CONF", os.devnull)
        with pytest.raises(InputError, match="Slurm refused"):
            submit.cancel(run)
    assert not (run.path / "stop.json").exists()
    scancel(run)
    wait(lambda: run.state == "stopped", run)
    assert run.last_checkpoint.is_file()


def test_what_slurm_refuses_is_told_in_its_words_and_leaves_no_run():
    with pytest.raises(InputError, match=r"Invalid partition name specified.*submit it again"):
        submit.submit_all([config(1)] * 2, "test", SlurmOptions(partition="none"))
    assert list_runs() == []
