import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from fer_core.base.files import write_json
from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.corrections.log import open_log
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.review import suspects
from fer_core.review.suspects import PROBS, accept_suspects, find_suspects, is_outdated, rank_suspects
from fer_core.runs.groups import Group
from tests.helpers.command import call
from tests.helpers.samples import change, make_dataset

pytest.importorskip("cleanlab")


def soft(labels):
    """(N, 7) probabilities of a network that gives these classes 0.88 and the others 0.02."""
    return 0.02 + 0.86 * np.eye(7)[labels]


def test_planted_flips_are_found_and_the_true_class_is_suggested():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 7, 700)
    flipped = rng.permutation(700)[:35]
    labels = true.copy()
    labels[flipped] = (true[flipped] + 1 + rng.integers(0, 6, 35)) % 7
    order, quality = rank_suspects(labels, soft(true))
    assert set(order.tolist()) == set(flipped.tolist())
    assert (np.diff(quality) >= 0).all()


def test_a_class_without_a_face_is_no_hindrance():
    rng = np.random.default_rng(0)
    true = rng.integers(0, 6, 120)  # nobody is neutral
    labels = true.copy()
    labels[5] = (true[5] + 1) % 6
    assert rank_suspects(labels, soft(true))[0].tolist() == [5]


@pytest.fixture
def tiny(tmp_path):
    return make_dataset(tmp_path)


@pytest.fixture
def group(tiny, workspace):
    """A finished cross-validation that is sure of every label but takes the first two training faces for fear."""
    rows = np.sort(np.r_[tiny.rows("train"), tiny.rows("val")])
    seen = tiny.labels[rows].copy()
    seen[:2] = EXPRESSIONS.index("fear")
    group = Group(workspace / "kfold" / "g")
    group.path.mkdir(parents=True)
    write_json(group.path / "kfold.json", {"dataset": "tiny", "title": "g", "folds": 2, "n": len(rows), "run_ids": []})
    table = tiny.table.iloc[rows][["face_id", "expression"]].assign(digest=tiny.digests[rows], fold=0)
    table[PROBS] = soft(seen)
    table.to_parquet(group.path / "out_of_fold.parquet")
    return group


def test_suspects_come_with_what_the_networks_suggest(tiny, group):
    found = find_suspects(tiny, group)
    assert sorted(found["face_id"]) == tiny.table["face_id"].iloc[:2].tolist()
    assert set(found["suggested"]) == {"fear"}
    assert set(found["expression"]) == {"angry", "disgust"}
    assert (found["quality"] < 0.1).all()
    assert found["confidence"].tolist() == pytest.approx(found["prob_fear"].tolist())


@pytest.mark.parametrize("n", [0, 1])
def test_a_face_with_other_pixels_under_its_old_name_is_suspected_no_more(tiny, group, n):
    path = group.path / "out_of_fold.parquet"
    table = pd.read_parquet(path)
    digests = table["digest"].to_numpy(object, copy=True)
    digests[:n] = "0" * 16
    table.assign(digest=digests).to_parquet(path)
    assert sorted(find_suspects(tiny, group)["face_id"]) == tiny.table["face_id"].iloc[n:2].tolist()


def test_accepted_suspects_become_corrections_and_are_suspected_no_more(tiny, group):
    log = open_log("tiny")
    made = log.add(accept_suspects(find_suspects(tiny, group), group, "ann"))
    assert {(c.kind, c.expression, c.why) for c in made} == {("confident-learning", "fear", "g")}
    again = assemble_again("tiny")
    assert again.table["expression"].iloc[:2].tolist() == ["fear", "fear"]
    assert find_suspects(again, group).empty


def test_the_command_lists_the_suspects_and_corrects_those_that_are_asked_for(tiny, group, capsys):
    command = ("data", "suspects", "tiny", "--kfold", "g")
    code, out, _ = call(capsys, *command, "--n", 1)
    assert code == 0
    assert out.startswith("suspected: 2 of 28 labels; the 1 least credible (use --n for more):\n")
    assert len(out.splitlines()) == 3
    assert call(capsys, *command)[1].startswith("suspected: 2 of 28 labels, least credible first:\n")
    found = json.loads(call(capsys, *command, "--accept-below", 0.03, "--json")[1])
    assert (found["n"], found["n_accepted"]) == (2, 2)
    assert [face["suggested"] for face in found["suspects"]] == ["fear", "fear"]
    assert {c.expression for c in open_log("tiny").standing.values()} == {"fear"}
    assert call(capsys, *command)[1] == "suspected: 0 of 28 labels\n"


@pytest.mark.parametrize(("relabel", "is_told"), [("train", True), ("all", False)])
def test_what_the_command_corrects_is_told_with_its_undoing_and_what_is_held_back(
    tiny, group, capsys, relabel, is_told
):
    table = tiny.table
    table.loc[1, "split"] = "val"
    table.to_parquet(tiny.path / "faces.parquet")
    info = change(tiny.info, recipe=tiny.info.recipe.to_document() | {"relabel": relabel})
    write_json(tiny.path / "dataset.json", info.to_document())
    out = call(capsys, "data", "suspects", "tiny", "--kfold", "g", "--accept-below", 0.5)[1]
    (act,) = {correction.act for correction in open_log("tiny").standing.values()}
    assert f"{act}: 2 corrections (to undo: fer data undo tiny {act}).\n" in out
    assert ("not applied unless assembled with --relabel all: 1\n" in out) == is_told
    assert out.endswith("when the data set is assembled again: fer data again tiny\n")


def test_a_group_of_another_data_set_or_at_work_is_refused(tmp_path, tiny, group):
    with pytest.raises(InputError, match="belongs to tiny, not to other"):
        find_suspects(make_dataset(tmp_path, "other"), group)
    (group.path / "out_of_fold.parquet").unlink()
    with pytest.raises(InputError, match="has not finished all its folds"):
        find_suspects(tiny, group)


def test_without_cleanlab_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("fer_core.base.extras.find_spec", lambda package: None)
    with pytest.raises(InputError, match=r"needs cleanlab.*\.\[labels\]"):
        suspects.rank_suspects(np.zeros(1, np.int64), np.full((1, 7), 1 / 7))


def test_the_quality_is_the_labels_share_of_the_classes_that_there_are():
    labels = np.repeat([0, 1], 20)
    probs = np.zeros((40, 7))
    probs[:, 6], probs[:20, :2], probs[20:, :2] = 0.3, (0.6, 0.1), (0.1, 0.6)
    probs[0, :2] = 0.1, 0.6
    order, quality = rank_suspects(labels, probs)
    assert (order.tolist(), quality.tolist()) == ([0], pytest.approx([0.1 / 0.7]))


@pytest.mark.parametrize(
    ("fingerprints", "expected"), [((), False), (("now", "now"), False), (("now", "before"), True)]
)
def test_a_group_is_outdated_once_its_data_set_was_assembled_again(fingerprints, expected):
    group = SimpleNamespace(runs=[SimpleNamespace(fingerprint=each) for each in fingerprints])
    assert is_outdated(SimpleNamespace(info=SimpleNamespace(fingerprint="now")), group) is expected
