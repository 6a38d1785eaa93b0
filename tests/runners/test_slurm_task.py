"""What a job does with its cluster's signals; the trainer is a process that only waits to be told to stop."""

import json
import os
import signal
import subprocess

import pytest

from fer_core.jobs.state import State
from fer_core.runners import slurm_task
from fer_core.runners.slurm import SlurmOptions, write_options
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from tests.helpers.fake_slurm import FakeSlurm
from tests.helpers.samples import make_dataset

TERM, USR2 = signal.SIGTERM, signal.SIGUSR2


@pytest.fixture
def run(tmp_path):
    make_dataset(tmp_path)
    run = create_run(build_config({"dataset": "tiny", "device": "cpu"}), "test")
    write_options(run, SlurmOptions())
    return run


@pytest.fixture
def scontrol(tmp_path, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    slurm = FakeSlurm(tmp_path / "bin", monkeypatch)
    slurm.answer("scontrol", "")
    return slurm


@pytest.fixture
def play(run, monkeypatch):
    """Plays a job whose processes get the signals after so many steps of training; returns the trainer's end."""

    def play(signals, steps):
        def watch(run, child):
            (run.path / "metrics.jsonl").write_text(
                "".join(json.dumps({"kind": "progress", "step": i + 1, "n_steps": 9}) + "\n" for i in range(steps))
            )
            for number in signals:
                if number == USR2:
                    child.send_signal(number)  # Slurm may send it to each of a job's processes
                os.kill(os.getpid(), number)
            child.wait(timeout=10)
            run.job.end(State.STOPPED, "by the trainer")
            ended.append(child.returncode)

        ended: list[int] = []
        monkeypatch.setattr(slurm_task, "start_trainer", lambda run: subprocess.Popen(["sleep", "60"]))
        monkeypatch.setattr(slurm_task, "watch", watch)
        slurm_task.train_on_node(str(run.path))
        return ended[0]

    handlers = {number: signal.getsignal(number) for number in (TERM, USR2)}
    yield play
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(
    ("signals", "steps", "state"),
    [
        pytest.param([USR2], 3, "queued", id="time is over"),
        pytest.param([USR2], 0, "stopped", id="time too short for a step"),
        pytest.param([TERM], 3, "stopped", id="cancelled"),
        pytest.param([TERM, USR2], 3, "stopped", id="cancelled, then killed"),
    ],
)
def test_every_signal_stops_the_trainer_and_the_end_of_time_alone_goes_on(run, play, scontrol, signals, steps, state):
    assert play(signals, steps) == -TERM
    assert run.state == state
    assert scontrol.asked("scontrol") == (["requeue 7"] if state == "queued" else [])


def test_where_slurm_does_not_requeue_the_run_has_stopped_and_says_why(run, play, scontrol):
    (scontrol.folder / "scontrol").write_text("#!/bin/sh\necho Requeue is disabled >&2\nexit 1\n")
    play([USR2], 3)
    assert run.state == "stopped"
    assert "reached its time limit (Requeue is disabled); resume continues" in run.exit.message
