"""More epochs for a finished run: a new run whose rate keeps what was learned, and the sentence that says so."""

import json

import pytest
import torch

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.models.state_files import read_state_dict
from fer_core.runners import local, submit
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.extend import describe_extension, extend_config
from fer_core.runs.find import get_run, list_runs
from fer_core.training.process import train_run
from tests.helpers.command import call
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop
from tests.helpers.training import TINY


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    return make_dataset(tmp_path)


def finish(rates=(0.1, 0.01), **values):
    """A run as its end leaves it, without having been trained."""
    run = create_run(build_config({**TINY, **values}), "test")
    lines = [
        {
            "kind": "epoch", "epoch": i, "step": i, "val_accuracy": 0.5, "val_loss": 1.0, "learning_rate": rate,
            "train_accuracy": 0.5, "train_loss": 1.0,
        }
        for i, rate in enumerate(rates, start=1)
    ]  # fmt: skip
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run.path / "checkpoints").mkdir()
    run.best_weights.write_bytes(b"weights")
    write_json(run.path / "exit.json", {"state": "finished", "message": "", "seconds": 1})
    return run


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("one_cycle", ("cosine", 0.04)),
        ("cosine", ("cosine", 0.04)),
        ("plateau", ("plateau", 0.01)),
        ("constant", ("constant", 0.01)),
    ],
)
def test_the_rate_goes_on_from_where_the_schedule_had_brought_it(schedule, expected):
    run = finish(schedule=schedule, learning_rate=0.4, freeze_epochs=1, seed=3)
    config = extend_config(run, 20)
    assert (config.schedule, config.learning_rate) == expected
    assert (config.init, config.epochs, config.freeze_epochs, config.seed) == (f"run:{run.run_id}", 20, 0, 4)


def test_settings_go_before_what_is_chosen_and_the_sentence_says_what_holds():
    run = finish(learning_rate=0.4)
    said = describe_extension(run, extend_config(run, 20))
    assert "20 more epochs with a fresh optimizer and a learning rate that falls along a cosine from 0.04 to 0" in said
    assert "the previous peak was 0.4" in said
    chosen = extend_config(run, 1, {"schedule": "one_cycle", "learning_rate": 0.4})
    said = describe_extension(run, chosen)
    assert "1 more epoch with" in said
    assert "a new one-cycle schedule that peaks at 0.4." in said


def test_a_finished_run_that_is_resumed_says_how_to_train_on():
    run = finish(epochs=7)
    with pytest.raises(InputError, match=rf"Continue from it with fer extend {run.run_id} --epo"):
        submit.resume(run)


def test_a_run_without_its_weights_file_is_not_trained_on():
    run = finish()
    run.best_weights.unlink()
    for ask in (lambda: extend_config(run, 3), lambda: submit.resume(run)):
        with pytest.raises(InputError, match=r"its weights file is missing \(.*\). Train it again.$"):
            ask()


def test_the_train_page_says_why_such_a_run_is_not_trained_on():
    finish().best_weights.unlink()
    app = open_page("train")
    assert not any("falls along a cosine" in text.value for text in app.markdown)
    assert any(text.value.startswith("This run cannot be continued. The run ") for text in app.caption)


def test_only_a_finished_run_is_trained_on():
    run = finish()
    write_json(run.path / "exit.json", {"state": "stopped", "message": "", "seconds": 1})
    with pytest.raises(InputError, match=f"is stopped; only a finished run .* fer resume {run.run_id}"):
        extend_config(run, 3)


def test_the_command_queues_a_new_run_and_says_its_schedule(capsys):
    run = finish(learning_rate=0.4)
    code, out, _ = call(capsys, "extend", run.run_id, "--epochs", 5, "--set", "dropout=0.3", "--json")
    document = json.loads(out)
    made = get_run(document["run_id"])
    assert (code, made.config.epochs, made.config.dropout, made.state) == (0, 5, 0.3, "queued")
    assert "falls along a cosine from 0.04 to 0" in document["sentence"]
    assert "falls along a cosine from 0.04 to 0" in call(capsys, "extend", run.run_id, "--epochs", 5)[1]


def test_it_starts_from_the_very_weights_of_the_first_run():
    first = create_run(build_config({**TINY, "epochs": 1}), "test")
    train_run(first, Stop())
    second = create_run(extend_config(first, 1), "test")
    train_run(second, Stop(0))
    state = torch.load(second.last_checkpoint, weights_only=True)["model"]
    assert all(torch.equal(state[name], tensor) for name, tensor in read_state_dict(first.best_weights).items())


def test_the_train_page_trains_on_from_a_finished_run():
    run = finish(learning_rate=0.4)
    app = open_page("train")
    assert any("falls along a cosine from 0.04 to 0" in text.value for text in app.markdown)
    app.number_input(key=f"train.extend.epochs.{run.run_id}").set_value(5).run()
    app.button(key=f"train.extend.{run.run_id}").click().run()
    assert not app.exception
    assert [made.config.epochs for made in list_runs() if made.run_id != run.run_id] == [5]
