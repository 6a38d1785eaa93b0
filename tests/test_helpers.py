"""What tests begin with is copied from what was made earlier in the session: it must be what making it gives."""

import numpy as np
import torch

from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.dataset import open_dataset
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.training.process import train_run
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop, finish
from tests.helpers.training import TINY


def test_a_copied_data_set_is_what_assembling_its_source_gives(tmp_path, monkeypatch):
    make_dataset(tmp_path / "first")
    monkeypatch.setenv("FER_HOME", str(tmp_path / "elsewhere"))
    copied = make_dataset(tmp_path / "second")
    (before, faces, table) = copied.info.to_document(), np.array(copied.faces), copied.table
    assert before["recipe"]["sources"] == [["fer2013", str(tmp_path / "second" / "tiny-source" / "fer2013.csv")]]
    assemble_again("tiny")
    made = open_dataset("tiny")
    again = {"made": before["made"], "replaced": None}  # what assembling anew alone writes
    assert before | again == made.info.to_document() | again
    assert np.array_equal(made.faces, faces)
    assert made.table.equals(table)


def test_a_data_set_made_a_second_time_is_assembled_in_earnest(tmp_path):
    first = make_dataset(tmp_path, seed=0).info.fingerprint
    assert make_dataset(tmp_path, seed=1).info.fingerprint != first


def test_a_copied_run_is_what_training_it_gives(tmp_path):
    make_dataset(tmp_path)

    def create(**values):
        return create_run(build_config({**TINY, "epochs": 1, "name": "again", **values}), "test")

    finish(create())
    copied, trained, other = finish(create()), create(), finish(create(seed=5))
    train_run(trained, Stop())
    assert {path.name for path in copied.path.iterdir()} == {path.name for path in trained.path.iterdir()}
    assert copied.report == trained.report != other.report
    weights = [torch.load(run.last_checkpoint, weights_only=True)["model"] for run in (copied, trained)]
    assert all(torch.equal(tensor, weights[1][key]) for key, tensor in weights[0].items())
    assert copied.run_id != trained.run_id
    assert copied.info.run_id == copied.run_id
