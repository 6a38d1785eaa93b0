import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import write_json
from fer_core.datasets.folds import deal_folds
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.jobs.state import State
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import LOGITS
from fer_core.models.probabilities import softmax
from fer_core.runners import local
from fer_core.runs.config import build_config
from fer_core.runs.find import delete_run, list_runs
from fer_core.runs.groups import get_group, list_groups
from fer_core.runs.training_data import open_training
from fer_core.studies.ensemble import make_ensemble
from fer_core.studies.kfold import delete_group, resume_group, start_folds, stop_group
from fer_core.studies.kfold_scores import format_spread, summarise_group, write_out_of_fold
from fer_core.training.trainer import Trainer
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop, finish
from tests.helpers.training import TINY, new_run, train

PROBS = [f"prob_{expression}" for expression in EXPRESSIONS]


@pytest.fixture(autouse=True)
def tiny(tmp_path, monkeypatch):
    monkeypatch.setattr(local, "start_supervisor", lambda *args: None)
    return make_dataset(tmp_path)


def start(folds=3, **values):
    return start_folds(build_config({**TINY, "epochs": 1, "name": "tried", "folds": folds, **values}), "fer kfold")


@pytest.fixture
def finished():
    group = start()
    for run in group.runs:
        finish(run)
    return group


def test_a_fold_is_an_ordinary_run_validated_on_what_it_leaves_out_whatever_its_seed(tiny):
    parts = deal_folds(tiny.table, 3)
    run = train(new_run(folds=3, fold=2, seed=7, epochs=1))
    predictions = pd.read_parquet(run.path / "predictions.parquet")
    held_out = predictions[predictions["split"] == "val"]
    assert tiny.find_rows(held_out["face_id"], held_out["digest"]).tolist() == np.flatnonzero(parts == 2).tolist()
    test = predictions[predictions["split"] == "test"]
    assert tiny.find_rows(test["face_id"], test["digest"]).tolist() == tiny.rows("test").tolist()
    assert evaluate_run(run, "val").confusion == run.report["val"].confusion
    assert run.title == "compact_small, fold 3 of 3"


def test_the_other_parts_are_what_it_trains_on(tiny):
    parts = deal_folds(tiny.table, 3)
    trainer = Trainer(new_run(folds=3, fold=2), Stop())
    trainer.metrics.close()
    rows = np.flatnonzero((parts == 0) | (parts == 1))
    assert np.array_equal(trainer.data.batches.faces, tiny.faces[rows])
    assert np.array_equal(trainer.data.batches.labels, tiny.labels[rows])


def test_a_group_queues_a_run_a_fold_in_order():
    group = start(3)
    assert [run.config.fold for run in local.list_queue()] == [0, 1, 2]
    assert local.list_queue() == group.runs
    assert {run.info.kfold for run in group.runs} == {group.group_id}
    assert list_groups() == [group] == [get_group("tried")]


def test_out_of_fold_holds_every_face_once_as_the_network_that_left_it_out_sees_it(finished, tiny):
    table = pd.read_parquet(write_out_of_fold(finished))
    assert list(table) == ["face_id", "digest", "fold", "expression", *PROBS]
    rows = tiny.find_rows(table["face_id"], table["digest"])
    assert sorted(rows) == np.sort(np.r_[tiny.rows("train"), tiny.rows("val")]).tolist()
    assert np.array_equal(table["fold"], deal_folds(tiny.table, 3)[rows])
    for run in finished.runs:
        own = pd.read_parquet(run.path / "predictions.parquet").query("split == 'val'").sort_values("face_id")
        found = table.loc[table["fold"] == run.config.fold, PROBS]
        assert np.allclose(found, softmax(own[LOGITS["labels"]].to_numpy(np.float64)), atol=1e-6)


def test_mean_and_deviation_are_over_the_finished_folds():
    group = start(3)
    for run, accuracy in zip(group.runs, (0.5, 0.7, 0.9), strict=True):
        scores = dict.fromkeys(("accuracy", "macro_f1", "balanced_accuracy", "nll", "ece"), accuracy)
        report = {"val": {"n": 14, **scores, "accuracy_without_copies": None}}
        write_json(run.path / "report.json", report)
    group.runs[0].job.end(State.FINISHED, "")
    group.runs[1].job.end(State.FINISHED, "")
    summary = summarise_group(group)
    assert (summary["n_finished"], summary["out_of_fold"]) == (2, None)
    val = summary["scores"]["val"]
    assert val["accuracy"] == pytest.approx({"mean": 0.6, "std": 0.02**0.5})
    assert "accuracy_without_copies" not in val
    assert summary["scores"]["test"] == {}
    assert format_spread(val["accuracy"], "accuracy") == "60.0 ± 14.1 %"
    assert format_spread({"mean": 0.9123, "std": None}, "nll") == "0.912"
    assert format_spread(None, "ece") == "-"


def test_out_of_fold_waits_for_the_last_and_then_survives_the_runs():
    group = start(2)
    first, last = group.runs
    finish(first)
    assert write_out_of_fold(group) is None
    finish(last)
    path = write_out_of_fold(group)
    delete_run(first)
    assert write_out_of_fold(group) == path
    assert path.is_file()


def test_folds_of_a_data_set_that_changed_between_them_are_not_joined(finished):
    run = finished.runs[0]
    write_json(run.path / "run.json", {**run.info.to_document(), "dataset_fingerprint": "another"})
    with pytest.raises(InputError, match="was assembled again between them"):
        write_out_of_fold(finished)


def test_first_weights_from_a_file_that_learned_faces_to_be_left_out_are_refused(tmp_path):
    run = finish(new_run(epochs=1))
    n = len(open_training(run.config).rows("train"))
    with pytest.raises(InputError, match=rf"was trained on {n} faces of tiny, which the folds leave out"):
        start(init=f"file:{run.best_weights}")
    assert list_groups() == []
    make_dataset(tmp_path, "other", seed=1)
    assert len(start(init=f"file:{run.best_weights}", dataset="other").runs) == 3


def test_a_group_is_stopped_resumed_and_deleted_as_one():
    group = start(2)
    with pytest.raises(InputError, match="still running"):
        delete_group(group)
    assert stop_group(group) == 2
    assert {run.state for run in group.runs} == {"stopped"}
    assert resume_group(group) == 2
    assert len(local.list_queue()) == 2
    stop_group(group)
    delete_group(group)
    assert (list_runs(), list_groups()) == ([], [])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"folds": 0}, "a cross-validation needs 2 or more"),
        ({"folds": 30}, "28 groups of faces are too few for 30 parts"),
        ({"init": "run:any"}, "an earlier run was trained on faces"),
        ({"teacher": "any"}, "an earlier run was trained on faces"),
    ],
    ids=["no folds", "too many", "init", "teacher"],
)
def test_what_cannot_be_cross_validated_is_refused_before_a_folder_is_made(workspace, values, message):
    with pytest.raises(InputError, match=message):
        start(**values)
    assert not list(workspace.glob("kfold/*")) + list(workspace.glob("runs/*"))


def test_runs_that_leave_out_different_folds_are_not_averaged(finished):
    with pytest.raises(InputError, match="they belong to different folds"):
        make_ensemble(finished.runs)


def test_an_ensemble_of_one_fold_is_validated_on_it():
    runs = [finish(new_run(folds=3, fold=2, seed=seed, epochs=1)) for seed in (0, 1)]
    made = make_ensemble(runs)
    assert evaluate_run(made, "val").confusion == made.report["val"].confusion
    assert open_training(made.config).rows("val").tolist() == open_training(runs[0].config).rows("val").tolist()
