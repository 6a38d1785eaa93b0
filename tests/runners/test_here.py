"""A training from Python: `fer_core.train`."""

import subprocess
import sys

import pytest

from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runners import follow, here
from fer_core.runs.config import build_config
from fer_core.runs.find import list_runs
from tests.helpers.samples import make_dataset

END = [sys.executable, "-c", "pass"]  # in place of the trainer


@pytest.fixture
def config(tmp_path):
    return build_config({"dataset": make_dataset(tmp_path).name, "model": "compact_small", "epochs": 1})


def let_trainer_end(monkeypatch, state, message):
    def start(run):
        (run.path / "log.txt").write_text("epoch 1\n")
        run.job.end(State(state), message)
        return subprocess.Popen(END)

    monkeypatch.setattr(here, "start_trainer", start)


def test_a_finished_run_comes_back_and_its_log_is_shown(config, monkeypatch, capsys):
    let_trainer_end(monkeypatch, "finished", "best epoch 1")
    run = here.train(config)
    assert run.state == "finished"
    assert capsys.readouterr().out == f"run {run.run_id}\nepoch 1\n"
    assert run.info.command == "fer train --dataset tiny --set model=compact_small --set epochs=1"


def test_quiet_shows_nothing(config, monkeypatch, capsys):
    let_trainer_end(monkeypatch, "finished", "best epoch 1")
    here.train(config, quiet=True)
    assert capsys.readouterr().out == ""


def test_a_failed_training_is_one_sentence_with_the_log_to_see(config, monkeypatch):
    let_trainer_end(monkeypatch, "failed", "The loss became NaN or infinite")
    with pytest.raises(InputError, match=r"is failed: The loss became NaN or infinite\. See .*log\.txt"):
        here.train(config, quiet=True)


def test_an_interrupted_training_ends_as_an_interruption_that_says_how_to_continue(config, monkeypatch):
    let_trainer_end(monkeypatch, "stopped", "stopped")
    waits = iter([KeyboardInterrupt, None])

    def wait(child):
        if (fault := next(waits)) is not None:
            raise fault
        child.wait()
        return True

    monkeypatch.setattr(follow, "_wait", wait)
    with pytest.raises(KeyboardInterrupt, match="Continue with fer resume"):
        here.train(config, quiet=True)
    assert [run.state for run in list_runs()] == ["stopped"]
