"""A network's scores tell which faces it learned, whatever its data set has become since."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import read_json, write_json
from fer_core.datasets.checks.near_copies import hash_faces, mirror_hashes
from fer_core.datasets.dataset import delete_dataset, open_dataset
from fer_core.datasets.folds import open_fold
from fer_core.errors import InputError
from fer_core.evaluation.evaluate import evaluate_run
from fer_core.export.card import build_card
from fer_core.runs.find import delete_run
from fer_core.runs.origins.learned import (
    Learned,
    find_close,
    join_learned,
    list_training,
    mark_learned,
    nothing_learned,
    read_learned,
    to_numbers,
    write_learned,
)
from fer_core.runs.origins.lineage import find_learned
from fer_core.runs.run import Run
from tests.helpers.learned import deal, digests_of, n_new, new_run
from tests.helpers.samples import make_dataset, write_fer2013
from tests.helpers.trained import finish
from tests.helpers.training import train


@pytest.fixture
def source(tmp_path):
    return write_fer2013(tmp_path / "source", 20)


def test_a_run_keeps_the_digests_of_its_training_faces_in_order(source):
    dataset = deal(source, 0)
    run = train(new_run())
    faces = np.load(run.path / "learned.npy")
    assert faces.dtype == np.uint64
    assert faces[:, 0].tolist() == sorted(int(sha256[:16], 16) for sha256 in digests_of(dataset, "train"))
    rows = dataset.rows("train")
    hashes = dict(zip(to_numbers(dataset.digests[rows]), hash_faces(dataset.faces, rows), strict=True))
    assert faces[:, 1].tolist() == [int(hashes[digest]) for digest in faces[:, 0]]


def test_the_list_is_there_before_the_first_step(source):
    deal(source, 0)
    run = train(new_run(), stop_after=0)
    assert run.exit.state == "stopped"
    assert len(read_learned(run.path).faces) == len(open_dataset("tiny").rows("train"))


def test_faces_learned_before_the_data_set_was_dealt_anew_do_not_count_as_new(source):
    before = digests_of(deal(source, 0), "train")
    run = finish(new_run())
    again = deal(source, 1)
    assert 0 < n_new(again, before) < len(again.rows("test"))
    for name in ("tiny", deal(source, 1, "other").name):
        scores = evaluate_run(run, "test", name)
        assert (scores.n_without_copies, scores.n_on_copies) == (
            n_new(again, before),
            scores.n - n_new(again, before),
        )
        assert scores.n_without_near_copies == scores.n_without_copies
        assert scores.learned_note is None


@pytest.mark.parametrize("tie", ["init", "teacher"])
def test_what_the_first_weights_and_the_teacher_learned_counts_too(source, tie):
    before = digests_of(deal(source, 0), "train")
    earlier = finish(new_run())
    again = deal(source, 1)
    run = train(new_run(**{tie: f"run:{earlier.run_id}" if tie == "init" else earlier.run_id}))
    expected = n_new(again, before, digests_of(again, "train"))
    assert expected < n_new(again, digests_of(again, "train"))
    assert run.report["test"].n_without_copies == expected
    delete_run(earlier)
    delete_dataset("tiny")
    deal(source, 1)
    assert evaluate_run(run, "test").n_without_copies == expected
    predictions = pd.read_parquet(run.path / "predictions.parquet")
    assert (~predictions.query("split == 'test'")["copy_in_train"]).sum() == expected


@pytest.mark.parametrize("place", ["in its run", "beside the list"])
def test_a_weights_file_brings_the_faces_that_are_kept_with_it(source, place, tmp_path):
    before = digests_of(deal(source, 0), "train")
    earlier = finish(new_run())
    path = earlier.best_weights
    if place == "beside the list":
        for file in (path, earlier.path / "learned.npy", earlier.path / "learned.json"):
            shutil.copy(file, tmp_path)
        path = tmp_path / path.name
    again = deal(source, 1)
    report = train(new_run(init=f"file:{path}")).report["test"]
    assert report.n_without_copies == n_new(again, before, digests_of(again, "train"))
    assert report.learned_note is None


def test_first_weights_of_unknown_training_are_named_in_log_report_and_card(source, tmp_path, capsys):
    dataset = deal(source, 0)
    shutil.copy(finish(new_run()).best_weights, tmp_path / "foreign.safetensors")
    capsys.readouterr()
    run = train(new_run(init=f"file:{tmp_path / 'foreign.safetensors'}"))
    note = run.report["test"].learned_note
    assert note.startswith(
        f"It is not known which faces the initial weights (file:{tmp_path / 'foreign.safetensors'}) were trained on"
    )
    assert note in capsys.readouterr().out
    assert note in build_card(run)
    assert run.report["test"].n_without_copies == n_new(dataset, digests_of(dataset, "train"))


def forget(run: Run) -> Run:
    """The run as an earlier version would have left it."""
    for name in ("learned.npy", "learned.json"):
        (run.path / name).unlink()
    return run


def test_an_earlier_run_gets_its_list_from_its_data_set_or_none_and_then_no_number(source):
    before = digests_of(deal(source, 0), "train")
    run = finish(new_run())
    fingerprint, kept = run.fingerprint, read_learned(run.path)
    forget(run)
    again = deal(source, 1)
    scores = evaluate_run(run, "test")
    assert {getattr(scores, f"{what}_without_copies") for what in ("n", "accuracy")} == {None}
    assert (scores.n_without_near_copies, scores.n_on_copies) == (None, None)
    assert f"tiny with the fingerprint {fingerprint[:16]} no longer exists" in scores.learned_note
    assert not (run.path / "learned.npy").exists()
    deal(source, 0)
    assert np.array_equal(find_learned(run).faces, kept.faces)
    deal(source, 1)
    assert evaluate_run(run, "test").n_without_copies == n_new(again, before)


def test_a_child_of_an_earlier_run_without_its_data_set_has_no_number_either(source):
    deal(source, 0)
    earlier = forget(finish(new_run()))
    deal(source, 1)
    run = train(new_run(init=f"run:{earlier.run_id}"))
    assert run.report["test"].accuracy_without_copies is None
    assert earlier.run_id in run.report["test"].learned_note
    assert "copy_in_train" not in pd.read_parquet(run.path / "predictions.parquet")


def test_on_its_own_training_faces_nothing_is_without_copies(source):
    deal(source, 0)
    scores = evaluate_run(finish(new_run()), "train")
    assert (scores.n_without_copies, scores.accuracy_without_copies) == (0, None)
    assert (scores.n_without_near_copies, scores.accuracy_without_near_copies) == (0, None)


def test_a_near_copy_is_told_by_its_set_of_copies_or_else_by_its_hash(tmp_path):
    dataset = make_dataset(tmp_path)
    rows = np.arange(len(dataset.table))
    first = to_numbers(dataset.digests)[0]
    hashes = hash_faces(dataset.faces, rows)
    # In the set itself the pixels have decided: a hash says nothing more.
    dataset.table["copy_group"] = rows
    dataset.table.loc[5, "copy_group"] = 0
    exact, near = mark_learned(dataset, rows, Learned(np.array([[first, hashes[7]]], np.uint64)))
    assert (np.flatnonzero(exact).tolist(), np.flatnonzero(near).tolist()) == ([0], [0, 5])
    # A learned face that is not in the set is known by its hash alone, mirrored or not.
    for hash_ in (hashes[7], mirror_hashes(hashes[7:8])[0] ^ np.uint64(1)):
        exact, near = mark_learned(dataset, rows[4:9], Learned(np.array([[1, hash_]], np.uint64)))
        assert (exact.any(), near.tolist()) == (False, [False, False, False, True, False])


@pytest.mark.parametrize("max_bits", [0, 3, 6])
def test_close_hashes_are_those_that_comparing_all_finds(max_bits):
    rng = np.random.default_rng(0)
    others = rng.integers(0, 1 << 63, 300, dtype=np.uint64)
    flips = np.array([np.bitwise_or.reduce(np.uint64(1) << rng.choice(64, n % 9, False).astype(np.uint64)) if n % 9
                      else 0 for n in range(200)], np.uint64)  # fmt: skip
    hashes = np.concatenate([rng.choice(others, 200) ^ flips, rng.integers(0, 1 << 63, 100, dtype=np.uint64)])
    expected = (np.bitwise_count(hashes[:, None] ^ others) <= max_bits).any(1)
    assert 0 < expected.sum() < len(hashes)
    assert np.array_equal(find_close(hashes, others, max_bits), expected)
    assert not find_close(hashes, others[:0], max_bits).any()


def test_close_hashes_are_found_a_share_at_a_time(monkeypatch):
    monkeypatch.setattr("fer_core.runs.origins.learned._PAIRS", 3)
    hashes = np.arange(40, dtype=np.uint64) << np.uint64(3)
    assert find_close(hashes, hashes[::3], 1).sum() > 14


def test_joined_lists_hold_each_face_once_and_every_gap():
    one = Learned(np.array([[3, 30], [7, 70]], np.uint64), outside=("file:a",))
    two = Learned(np.array([[1, 10], [3, 31]], np.uint64), missing=("x is gone",))
    both = join_learned([nothing_learned(), one, two])
    assert both.faces.tolist() == [[1, 10], [3, 30], [7, 70]]
    assert (both.missing, both.outside, both.is_known) == (("x is gone",), ("file:a",), False)


def test_a_damaged_list_is_refused_in_a_sentence(tmp_path):
    write_learned(tmp_path, nothing_learned())
    (tmp_path / "learned.npy").write_bytes(b"no array")
    with pytest.raises(InputError, match=r"learned\.npy cannot be read"):
        read_learned(tmp_path)


def test_a_list_of_a_data_set_names_each_face_once(tmp_path):
    dataset = make_dataset(tmp_path)
    dataset.table["sha256"] = dataset.table["sha256"].iloc[0]
    assert len(list_training(dataset).faces) == 1


def test_a_resumed_fold_with_other_faces_in_training_is_refused(tmp_path):
    make_dataset(tmp_path)
    run = train(new_run(folds=3, batch_size=4), stop_after=2)
    table = open_dataset("tiny").table
    table["group"] = np.arange(len(table)) // 2  # the same faces, labels and splits, but other folds
    table.to_parquet(open_dataset("tiny").path / "faces.parquet")
    train(run)
    assert run.exit.state == "failed"
    assert "other faces, folds, labels or votes" in run.exit.message


@pytest.mark.parametrize("stops", [True, False], ids=["stopped", "finished"])
def test_a_fold_run_of_an_earlier_version_is_not_taken_for_one_of_the_folds_of_now(tmp_path, stops):
    make_dataset(tmp_path)
    run = train(new_run(folds=3, batch_size=4, epochs=1), **({"stop_after": 2} if stops else {}))
    before = open_fold("tiny", 3, run.config.fold)
    trained = set(before.table["face_id"].iloc[before.rows("train")])
    info = {name: value for name, value in run.info.to_document().items() if name != "trains_on"}
    (run.path / "run.json").write_text(json.dumps(info | {"created": "2020-01-01T00:00:00+0000"}))
    for path in run.path.glob("learned.*"):
        path.unlink()
    table = open_dataset("tiny").table
    table["group"] = np.arange(len(table)) // 2
    table.to_parquet(open_dataset("tiny").path / "faces.parquet")
    now = open_fold("tiny", 3, run.config.fold)
    assert set(now.table["face_id"].iloc[now.rows("train")]) != trained
    if stops:
        train(run)
        assert "other folds than it started with" in run.exit.message
        assert not find_learned(run).is_known
    else:
        rows = now.find_rows(sorted(trained))
        assert set(find_learned(run).faces[:, 0]) == set(to_numbers(now.digests[rows]))


@pytest.mark.parametrize("when", ["resumed", "queued"])
def test_another_data_set_under_the_same_name_is_refused_by_the_trainer_and_nothing_is_touched(source, when):
    deal(source, 0)
    run = new_run(epochs=3)
    if when == "resumed":
        train(run, stop_after=4)
    (run.path / "report.json").write_text("{}")
    names = {path: path.read_bytes() for path in run.path.rglob("*") if path.is_file()}
    now = deal(source, 1).info.fingerprint
    train(run)
    assert run.state == "failed"
    assert run.fingerprint[:16] in run.exit.message
    assert now[:16] in run.exit.message
    kept = {path: path.read_bytes() for path in names if path.name not in ("exit.json", "process.json", "alive.lock")}
    assert kept == {path: content for path, content in names.items() if path in kept}
    assert when == "queued" or run.last_checkpoint in kept


def test_a_run_without_data_set_names_the_way_on(source):
    deal(source, 0)
    run = new_run()
    write_json(run.path / "run.json", {**read_json(run.path / "run.json"), "dataset_fingerprint": "0" * 64})
    with pytest.raises(InputError, match="assemble the earlier version again"):
        run.open_dataset()
