"""Sources masked a head: which face teaches which, from the config to the weights and the report."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from fer_core.base.files import write_json
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.export.card import build_card
from fer_core.labels import EXPRESSIONS
from fer_core.models.heads import read_heads
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.runs.extend import extend_config
from fer_core.runs.masks import choose_sources, describe_masks, mask_faces
from fer_core.runs.origins.learned import read_learned
from fer_core.runs.report import FittedOn
from fer_core.runs.run import Run
from fer_core.training.checkpoint import read_training_state, write_training_state
from fer_core.training.people_head import add_people_head
from fer_core.training.trainer import Trainer
from tests.helpers.masks import write_classes
from tests.helpers.samples import make_voted_dataset, write_fer2013, write_image
from tests.helpers.trained import Stop, finish
from tests.helpers.training import TINY, epochs_of, last_weights, train

MASKED = {"dataset": "joined", "votes_weight": 1.0}


@pytest.fixture(autouse=True)
def joined(tmp_path):
    """FER2013's 14 training faces, all with votes, and 8 training faces of class folders without."""
    make_voted_dataset(tmp_path)
    sources = ("fer2013", str(tmp_path / "voted-source")), ("folder", str(write_classes(tmp_path / "classes")))
    return assemble(DatasetRecipe("joined", sources=sources, near=False))


@pytest.fixture
def drawn(tmp_path):
    """The class folders twice, without votes, their splits drawn: each source has faces in each split."""
    paths = [write_classes(tmp_path / name) for name in ("classes", "more")]
    for i in range(40):
        write_image(paths[i % 2] / EXPRESSIONS[i % 3] / f"more-{i}.png", 200 + i)
    return assemble(
        DatasetRecipe("drawn", sources=tuple(("folder", str(path)) for path in paths), split="80:10:10", near=False)
    )


def new_run(**values) -> Run:
    return create_run(build_config({**TINY, **MASKED, **values}), "test")


def open_trainer(run) -> Trainer:
    trainer = Trainer(run, Stop())
    trainer.metrics.close()
    return trainer


def sources_of(dataset):
    return dataset.table["source"].iloc[dataset.rows("train")].to_numpy()


def test_by_default_the_source_of_the_validation_faces_teaches_labels_and_the_others_people(joined):
    config = new_run().config
    assert (config.labels_from, config.people_from) == ("fer2013", "folder")
    masks = mask_faces(joined, joined.rows("train"), config)
    assert np.array_equal(masks.labels, sources_of(joined) == "fer2013")
    assert np.array_equal(masks.voted, sources_of(joined) == "fer2013")
    assert np.array_equal(masks.labelled, sources_of(joined) == "folder")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param({"votes_weight": 0.0}, ("all", ""), id="no people head"),
        pytest.param({"labels_from": "all"}, ("all", ""), id="merged"),
        pytest.param({"labels_from": "folder"}, ("folder", ""), id="named"),
        pytest.param({"people_from": "all"}, ("fer2013", "all"), id="people named"),
        pytest.param({"dataset": "voted"}, ("all", ""), id="one source"),
        pytest.param({"folds": 2}, ("all", ""), id="folds"),
    ],
)
def test_what_is_not_chosen_is_filled_in_and_what_is_chosen_stays(values, expected):
    config = build_config({**TINY, **MASKED, **values})
    config = choose_sources(config, open_dataset(config.dataset))
    assert (config.labels_from, config.people_from) == expected
    assert choose_sources(config, open_dataset(config.dataset)) == config


def test_sources_that_all_have_validation_faces_teach_labels_together(drawn):
    config = choose_sources(build_config({**TINY, **MASKED, "dataset": "drawn"}), drawn)
    assert (config.labels_from, config.people_from) == ("all", "")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"labels_from": "fer2014"}, "labels_from: joined has no source 'fer2014'. Choose from fer2013, folder, or"),
        ({"people_from": "ckplus"}, "people_from: joined has no source 'ckplus'. Choose from fer2013, folder, or"),
        ({"votes_weight": 0.0, "people_from": "folder"}, "without a people head, folder cannot be used. Set"),
        ({"labels_from": ","}, "labels_from: no training face is from ',', so the labels head could not be trained."),
    ],
    ids=["labels", "people", "no head", "nobody"],
)  # fmt: skip
def test_what_cannot_be_taught_is_refused_before_a_folder_is_made(workspace, values, message):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        new_run(**values)
    assert not list((workspace / "runs").glob("*"))


def test_a_people_head_that_no_training_face_teaches_is_refused(tmp_path):
    sources = ("fer2013", str(tmp_path / "voted-source")), ("folder", str(tmp_path / "classes"))
    for i in range(40):
        write_image(tmp_path / "classes" / EXPRESSIONS[i % 3] / f"more-{i}.png", 200 + i)
    assemble(DatasetRecipe("left", sources=sources, split="leave-out:fer2013", near=False))
    with pytest.raises(InputError, match="no training face of left has votes, so the people head could not be trained"):
        new_run(dataset="left", labels_from="all")


def test_a_batch_has_nothing_for_a_head_from_a_face_that_does_not_teach_it(joined):
    trainer = open_trainer(new_run(batch_size=22, label_smoothing=0.0, people_balance="none"))
    batch = next(trainer.data.batches.epoch(0))
    by_label = batch.targets.sum(1) > 0
    assert torch.equal(batch.labels >= 0, by_label)
    assert torch.allclose(batch.targets.sum(1), by_label * 22 / 14)
    assert torch.allclose(batch.votes.sum(1), torch.ones(22))
    assert sorted(batch.votes[~by_label].argmax(1).tolist()) == [0, 1, 2, 3, 3, 4, 5, 6]
    assert torch.allclose(batch.votes[by_label, EXPRESSIONS.index("happy")], torch.tensor(0.9))


def test_the_labels_of_a_masked_source_do_not_move_the_labels_head(joined, monkeypatch):
    def first_targets():
        return next(open_trainer(new_run(soft_labels=0.3)).data.batches.epoch(0)).targets

    before = first_targets()
    others = joined.table["source"] == "folder"
    changed = joined.table.assign(expression=joined.table["expression"].where(~others, "sad"))
    changed.to_parquet(joined.path / "faces.parquet")
    assert torch.equal(first_targets(), before)


def test_a_run_of_an_earlier_version_goes_on_as_it_began(joined):
    run = new_run(epochs=2)
    config = {k: v for k, v in run.config.model_dump().items() if k not in ("labels_from", "people_from")}
    write_json(run.path / "config.json", config)
    batch = next(open_trainer(run).data.batches.epoch(0))
    assert torch.allclose(batch.targets.sum(1), torch.ones(4))
    assert set(batch.votes.sum(1).round(decimals=4).tolist()) <= {0.0, 1.0}
    assert (batch.labels >= 0).all()
    train(run, 2)
    state = read_training_state(run.last_checkpoint)
    write_training_state(run.last_checkpoint, {**state, "tally": state["tally"][:3]})  # as it kept three sums
    train(run)
    assert run.exit.state == "finished"
    assert extend_config(run, 1).labels_from == "all"


@pytest.mark.parametrize(
    "stop_after",
    [pytest.param(1, marks=pytest.mark.slow), 3, pytest.param(7, marks=pytest.mark.slow)],
    ids=lambda n: f"after {n} looks",
)
def test_stopped_and_resumed_with_masks_ends_with_the_very_weights_of_never_stopped(stop_after):
    values = {"epochs": 2, "mixup": 0.4, "cutmix": 1.0, "focal_gamma": 1, "balance": "class_weights", "dropout": 0.2}
    whole, halted = finish(new_run(**values)), train(new_run(**values), stop_after)
    assert halted.exit.state == "stopped"
    train(halted)
    weights = last_weights(whole)
    assert all(torch.equal(weights[key], tensor) for key, tensor in last_weights(halted).items())
    assert epochs_of(halted) == epochs_of(whole)


def test_training_accuracy_counts_the_faces_that_teach_the_labels_head_alone(joined):
    trainer = open_trainer(new_run(batch_size=22, epochs=1))
    batch = next(trainer.data.batches.epoch(0))
    trainer.step.take(batch)
    assert trainer.step.tally[2:].tolist() == [22, 14]
    assert set(trainer.clean_rows) <= set(joined.rows("train")[sources_of(joined) == "fer2013"])


def test_all_faces_of_the_training_count_as_learned_and_the_log_says_what_teaches_what(joined, capsys):
    run = train(new_run(epochs=1))
    assert len(read_learned(run.path).faces) == joined.table["sha256"].iloc[joined.rows("train")].nunique()
    sentence = (
        "The labels head is trained on 14 faces of fer2013; the people head from the votes on 14 faces and the labels "
        "of 8 faces of folder."
    )
    assert sentence in capsys.readouterr().out
    idle = build_config({**TINY, **MASKED, "labels_from": "fer2013"})
    assert describe_masks(idle, joined).endswith("the votes on 14 faces; no head is trained on 8 faces of folder.")


def test_the_people_head_is_fitted_by_its_own_sources_where_nobody_voted_and_scores_stand_by_source(drawn):
    run = train(new_run(dataset="drawn", epochs=1, labels_from="folder", people_from="folder-2"))
    assert read_heads(run.best_weights) == ("labels", "people")
    val = run.report["val"]
    n = drawn.table["source"].iloc[drawn.rows("val")].value_counts().to_dict()
    assert val.people.fitted_on == FittedOn(what="labels", n=n["folder-2"])
    assert val.fitted_on == FittedOn(what="labels", n=sum(n.values()))
    assert {row.source: (row.n, row.learned) for row in val.by_source} == {
        "folder": (n["folder"], True),
        "folder-2": (n["folder-2"], False),
    }
    table = pd.read_parquet(run.path / "predictions.parquet")
    assert set(table["source"]) == {"folder", "folder-2"}
    assert "the labels of folder-2 where there are none" in build_card(run)
    add_people_head(run)
    assert json.loads((run.path / "report.json").read_text())["val"]["people"]["fitted_on"]["n"] == n["folder-2"]


def test_the_people_head_is_fitted_by_the_votes_on_validation_faces_where_there_are_some():
    assert train(new_run(epochs=1)).report["val"].people.fitted_on == FittedOn(what="votes", n=14)


def test_a_source_beside_one_without_votes_teaches_a_people_head_that_is_asked_for(tmp_path):
    sources = ("fer2013", str(write_fer2013(tmp_path / "plain"))), ("folder", str(tmp_path / "classes"))
    dataset = assemble(DatasetRecipe("unvoted", sources=sources, near=False))
    config = choose_sources(build_config({**TINY, "dataset": "unvoted", "votes_weight": 1.0}), dataset)
    assert (config.labels_from, config.people_from) == ("fer2013", "folder")


def test_what_a_source_is_called_says_nothing_of_another_data_set(joined, drawn):
    run = finish(new_run(epochs=1))
    here, elsewhere = (evaluate_run(run, split="train", dataset_name=name).by_source for name in ("joined", "drawn"))
    assert [row.learned for row in here] == [True, False]
    assert all(row.learned is None for row in elsewhere)
