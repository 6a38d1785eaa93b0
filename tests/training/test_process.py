"""The trainer, in this process, on a handful of patterns."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from fer_core.base.files import write_json
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.evaluation.metrics import score
from fer_core.inference.logits import predict_logits
from fer_core.labels import EXPRESSIONS
from fer_core.models.checkpoints import read_network
from fer_core.models.network import Network
from fer_core.models.probabilities import softmax
from fer_core.models.state_files import read_state_dict
from fer_core.runners import local, submit
from fer_core.runs.config import build_config
from fer_core.runs.find import get_run
from fer_core.training.trainer import Trainer
from tests.helpers.samples import make_dataset, make_voted_dataset
from tests.helpers.trained import Stop, finish
from tests.helpers.training import TINY, epochs_of, last_weights, new_run, train

SLOW = pytest.mark.slow


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    return make_dataset(tmp_path)


def test_fourteen_faces_are_learnt_by_heart(tmp_path):
    run = train(new_run(epochs=12, batch_size=7, rotation_deg=0, translation_px=0, scale=0, flip=False,
                        brightness=0, contrast=0, label_smoothing=0))  # fmt: skip
    last = epochs_of(run)[-1]
    assert last["train_accuracy"] == 1
    assert last["train_loss"] < 0.1
    assert run.exit.state == "finished"


def test_the_same_seed_gives_the_same_losses_and_another_others():
    first, again, other = (epochs_of(train(new_run(seed=seed, epochs=2))) for seed in (3, 3, 4))
    assert first == again
    assert first != other


CHOICES = {
    "one-cycle": {},
    "sampler": {"balance": "sampler", "optimizer": "adamw", "dropout": 0.3, "erasing": 0.5},
    "ema": {"ema": 0.9, "soft_labels": 0.5},
    "mixed": {"mixup": 0.4, "cutmix": 1.0, "clip_norm": 0.5, "focal_gamma": 2},
    "momentum": {"momentum": 0.95, "peak_momentum": 0.85},
    "frozen": {"freeze_epochs": 1, "unfreeze_epochs": 1, "optimizer": "radam", "trunk_rate": 0.3},
    "plateau": {"schedule": "plateau", "plateau_patience": 1, "balance": "class_weights"},
}
LOOKS = (0, 1, 2, 3, 5, 8)
FAST = dict(zip(CHOICES, (0, 1, 5, 3, 2, 5, 8), strict=True))


@pytest.mark.parametrize(
    ("values", "stop_after"),
    [
        # Every choice and every place to stop is met once in the fast tests, every pair in the slow ones.
        pytest.param(
            values,
            looks,
            id=f"{name}-after {looks} looks",
            marks=[] if looks == FAST[name] else SLOW,
        )
        for name, values in CHOICES.items()
        for looks in LOOKS
    ],
)
def test_stopped_and_resumed_ends_with_the_very_weights_of_never_stopped(values, stop_after):
    whole = finish(new_run(**values))
    halted = train(new_run(**values), stop_after)
    assert halted.exit.state == "stopped"
    train(halted)
    assert halted.exit.state == "finished"
    weights = last_weights(whole)
    assert all(torch.equal(weights[key], tensor) for key, tensor in last_weights(halted).items())
    assert epochs_of(halted) == epochs_of(whole)


def test_progress_lines_tell_the_time_left_and_the_report_is_written(monkeypatch):
    monkeypatch.setattr("fer_core.evaluation.calibration._ENOUGH", 1)
    run = train(new_run())
    progress = [line for line in run.metrics() if line.kind == "progress"]
    assert progress[0].step == 1
    assert progress[0].n_steps == 9
    assert progress[0].eta_s > 0
    assert run.report["test"].n == 14
    assert run.report["test"].model_fields_set >= {
        "accuracy",
        "accuracy_without_copies",
        "macro_f1",
        "balanced_accuracy",
        "ece",
    }
    assert (run.path / "predictions.parquet").is_file()
    temperature = read_network(run.best_weights).calibration.temperature
    assert run.report["val"].temperature == run.report["test"].temperature == temperature != 1
    assert evaluate_run(run, "test").ece == pytest.approx(run.report["test"].ece, abs=1e-5)


def test_the_running_mean_of_the_weights_is_what_is_judged_and_kept():
    run = train(new_run(ema=0.5, epochs=1))
    kept, state = read_state_dict(run.best_weights), torch.load(run.last_checkpoint, weights_only=True)
    assert all(torch.allclose(kept[key], state["ema"][f"module.{key}"], rtol=1e-3, atol=1e-7) for key in kept)
    assert not torch.allclose(kept["head.weight"], state["model"]["head.weight"], rtol=1e-3)


def test_a_second_head_learns_the_votes_and_is_kept_in_the_weights_to_use(tmp_path):
    make_voted_dataset(tmp_path)
    run = train(new_run(dataset="voted", votes_weight=1.0, epochs=1))
    kept, trained = read_state_dict(run.best_weights), last_weights(run)
    assert kept["head.weight"].shape == (14, 128)
    assert torch.equal(kept["head.weight"], trained["head.weight"].half().float())
    second = trained["head.bias"][7:]
    assert second.argmax() == EXPRESSIONS.index("happy")  # what nine of ten said of every face
    assert run.report["test"].n == 14


def test_a_set_without_votes_is_trained_with_one_head():
    assert last_weights(train(new_run(votes_weight=1.0, epochs=1)))["head.weight"].shape == (7, 128)


def test_a_run_learns_from_its_teachers_probabilities():
    teachers = [finish(new_run(epochs=1, seed=seed)).run_id for seed in (0, 1)]
    trainer = Trainer(new_run(teacher=",".join(teachers), teacher_temperature=1), Stop())
    trainer.metrics.close()
    rows = trainer.data.dataset.rows("train")
    each = [
        softmax(predict_logits(read_network(get_run(t).best_weights), trainer.data.dataset.faces[rows]))
        for t in teachers
    ]
    assert np.allclose(trainer.data.batches.teacher[:, 0], np.mean(each, 0), atol=1e-3)


def test_a_teacher_for_faces_of_another_size_is_refused(tmp_path):
    teacher = finish(new_run(epochs=1)).run_id
    assemble(DatasetRecipe("larger", sources=(("fer2013", str(tmp_path / "tiny-source")),), size=64))
    with pytest.raises(InputError, match="needs faces of 48 px; the data set has 64 px"):
        new_run(dataset="larger", teacher=teacher)


def test_the_best_epoch_is_chosen_on_validation():
    run = train(new_run(epochs=4))
    best = max(epochs_of(run), key=lambda line: (line["val_accuracy"], -line["val_loss"]))
    assert f"best epoch {best['epoch']}:" in run.exit.message


def test_early_stopping_ends_when_nothing_is_gained():
    run = train(new_run(epochs=30, early_stopping=2, learning_rate=1e-9))
    lines = epochs_of(run)
    assert len(lines) < 30
    assert run.exit.state == "finished"
    best = run.exit.message.partition("best epoch ")[2].partition(":")[0]
    assert len(lines) == int(best) + 2
    assert run.exit.message.startswith(f"stopped early after epoch {len(lines)} of 30; best epoch {best}:")


@pytest.mark.parametrize(
    "stop_after", [pytest.param(7, marks=SLOW), 14, pytest.param(16, marks=SLOW)], ids=lambda n: f"after {n} looks"
)
def test_early_stopping_waits_no_longer_when_resumed(stop_after):
    values = {"epochs": 30, "early_stopping": 2, "learning_rate": 1e-9}
    whole, halted = finish(new_run(**values)), train(new_run(**values), stop_after)
    assert halted.exit.state == "stopped"
    train(halted)
    assert epochs_of(halted) == epochs_of(whole)
    assert halted.exit.message == whole.exit.message


@pytest.mark.parametrize("ema", [0.0, 0.9], ids=["weights", "running mean"])
def test_training_faces_are_scored_as_the_validation_faces_are(ema):
    run = train(new_run(epochs=2, ema=ema, label_smoothing=0.3, mixup=1.0))
    trainer = Trainer(run, Stop())  # of the checkpoint: the weights at the end
    trainer.metrics.close()
    network = Network(model=trainer.step.judged_model, name="compact_small",
                      preprocessing=dataclasses.replace(trainer.data.preprocessing, views="one"))  # fmt: skip
    faces = trainer.data.dataset.faces[trainer.clean_rows]
    by_hand = score(softmax(predict_logits(network, faces)), trainer.data.dataset.labels[trainer.clean_rows])
    last = epochs_of(run)[-1]
    assert last["train_clean_accuracy"] == pytest.approx(by_hand.accuracy, abs=1e-6)
    assert last["train_clean_loss"] == pytest.approx(by_hand.nll, abs=1e-5)
    assert set(trainer.data.dataset.table["split"].iloc[trainer.clean_rows]) == {"train"}
    assert len(trainer.clean_rows) == 14  # no more than there are validation faces


def test_a_loss_that_is_no_number_fails_with_what_to_change():
    run = train(
        new_run(learning_rate=10, optimizer="sgd", weight_decay=1, epochs=60, momentum=0.99, schedule="constant")
    )
    assert run.exit.state == "failed"
    assert "Lower learning_rate" in run.exit.message


def test_a_run_that_was_cancelled_while_its_trainer_started_is_not_trained(monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    run = submit.submit(build_config(TINY), "test")
    submit.cancel(run, "pruned")
    train(run)
    assert (run.state, run.metrics()) == ("stopped", [])
    assert run.exit.message.startswith("pruned")


def test_a_run_that_was_asked_to_stop_before_it_began_does_not_begin():
    run = new_run()
    write_json(run.path / "stop.json", {"time": 1})
    assert train(run).state == "stopped"
    assert run.metrics() == []


def test_an_unexpected_failure_is_written_down_too(monkeypatch):
    monkeypatch.setattr(Trainer, "_train_epoch", lambda self, epoch: 1 / 0)
    run = train(new_run())
    assert run.exit.state == "failed"
    assert "ZeroDivisionError" in run.exit.message


def test_a_run_of_an_earlier_one_starts_from_its_weights():
    first = finish(new_run())
    second = new_run(init=f"run:{first.run_id}", epochs=1, learning_rate=1e-9, optimizer="adam")
    train(second)
    before, after = read_state_dict(first.best_weights), read_state_dict(second.best_weights)
    assert torch.allclose(before["head.weight"], after["head.weight"], atol=1e-6)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"crop_px": 50}, "crop_px: 50 exceeds the 48 px"),
        ({"test_views": "ten_crop"}, "ten_crop needs crop_px"),
        ({"init": "file:/nowhere.pt"}, "the weights file /nowhere.pt does not exist"),
        ({"init": "run:none"}, "There is no run 'none'"),
        ({"teacher": "none"}, "There is no run 'none'"),
        ({"dataset": "none"}, "There is no data set 'none'"),
    ],
    ids=["crop", "ten-crop", "file", "run", "teacher", "data set"],
)
def test_what_cannot_be_trained_is_refused_before_a_folder_is_made(workspace, values, message):
    with pytest.raises(InputError, match=message):
        new_run(**values)
    assert not list((workspace / "runs").glob("*"))


def test_the_run_tells_where_it_comes_from():
    run = new_run(name="My run!")
    assert run.info.dataset_fingerprint == open_dataset("tiny").info.fingerprint
    assert run.info.versions["torch"].startswith(torch.__version__.split("+")[0])
    assert run.run_id.endswith("-my-run")
    assert json.loads((run.path / "config.json").read_text())["name"] == "My run!"
