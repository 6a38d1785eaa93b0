import pytest

from fer_core.bench import large, predict, train
from fer_core.bench.assemble import bench_assemble
from fer_core.bench.browse import CHOICES, bench_browse, make_table
from fer_core.bench.large import bench_large
from fer_core.bench.predict import bench_predict
from fer_core.bench.quality import bench_quality
from fer_core.bench.train import _ratio, bench_train
from fer_core.datasets.select import ORDERS, Wanted, select_faces
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from tests.helpers.samples import make_dataset, write_fer2013
from tests.helpers.trained import finish
from tests.helpers.training import TINY


def test_both_ways_are_timed_and_nothing_is_left_in_the_workspace(tmp_path, workspace):
    document = bench_assemble(write_fer2013(tmp_path))
    assert document["n"] == 42
    assert document["ratio"] == document["assemble_s"] / document["row_by_row_s"]
    assert not workspace.exists()


@pytest.mark.slow
def test_training_is_measured_against_its_step_alone_and_against_a_dataloader(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "_STEPS", 4)
    monkeypatch.setattr(train, "_WARM_UP", 1)
    make_dataset(tmp_path)
    document = bench_train(build_config({**TINY, "batch_size": 2}), rounds=1)
    assert set(document["faces_per_s"]) == {"epoch", "resident", "dataloader", "epoch beside it"}
    assert all(speed > 0 for speed in document["faces_per_s"].values())
    assert 0 < document["pipeline_efficiency"] < 3
    assert document["speedup_over_dataloader"] > 0
    assert len(document["ways"]) == 8


def test_the_ratio_is_the_median_of_blocks_that_followed_one_another():
    assert _ratio([2.0, 9.0, 8.0], [1.0, 3.0, 8.0]) == 2.0


def test_a_face_is_timed_alone_and_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "_BATCH", 16)
    make_dataset(tmp_path)
    run = finish(create_run(build_config({**TINY, "epochs": 1}), "test"))
    document = bench_predict(run, repeats=4)
    assert document["ms_a_face"] > document["ms_a_face_in_batches"] > 0
    assert document["threads"] == 1


@pytest.mark.slow
def test_many_jpegs_are_assembled_against_decoding_them_and_nothing_is_left_in_the_workspace(workspace, monkeypatch):
    monkeypatch.setattr(large, "_CHUNK", 100)
    document = bench_large(250, say=lambda text: None)
    assert document["ratio"] == document["assemble_s"] / document["decode_s"] > 0
    assert {"reading affectnet", "decoding affectnet", "finding copies"} <= set(document["steps_s"])
    assert 50 < document["peak_memory_mb"] < 3000
    assert len(document["fingerprint"]) == 64
    assert not workspace.exists()


def test_more_faces_than_are_drawn_are_measured():
    document = bench_quality(1500)
    assert document["n"] == 1500
    assert document["seconds"] > 0


def test_every_filter_and_order_of_the_browser_is_timed_and_finds_faces():
    table = make_table(2000, 0)
    for wanted in CHOICES.values():
        found = select_faces(table, wanted)
        assert 0 < len(found) < 2000 or wanted == Wanted()
    ms = bench_browse(500)["ms"]
    assert len(ms) == len(CHOICES) + len(ORDERS)
    assert all(value > 0 for value in ms.values())
