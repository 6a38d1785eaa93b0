import numpy as np
import pytest
import torch

from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.runs.config import build_config
from fer_core.sources.records import VOTES
from fer_core.training.targets import build_targets, build_votes, soften
from tests.helpers.samples import make_dataset


def targets(dataset, **values):
    config = build_config({"dataset": "tiny", "label_smoothing": 0.0, **values})
    return build_targets(dataset, dataset.rows("train"), config).numpy()


@pytest.fixture
def dataset(tmp_path):
    return make_dataset(tmp_path)


@pytest.fixture
def voted(dataset):
    """The first training face: 3 votes for sad and 1 for fear; nobody voted on the others."""
    votes = np.full((len(dataset.table), 7), np.nan)
    votes[dataset.rows("train")[0]] = [0.75 if e == "sad" else 0.25 if e == "fear" else 0 for e in EXPRESSIONS]
    for expression, i in INDEX.items():
        dataset.table[f"{VOTES}{expression}"] = votes[:, i]
    return dataset


def test_without_any_softening_the_target_is_the_label(dataset):
    assert np.array_equal(targets(dataset), np.eye(7)[dataset.labels[dataset.rows("train")]])


def test_smoothing_gives_every_class_its_share(dataset):
    found = targets(dataset, label_smoothing=0.14)
    assert np.allclose(np.sort(found, 1)[:, :6], 0.02)
    assert np.allclose(found.max(1), 0.88)


def test_votes_are_mixed_in_where_there_are_any(voted):
    label = INDEX[voted.table["expression"].iloc[voted.rows("train")[0]]]
    found = targets(voted, soft_labels=0.4)
    expected = 0.4 * np.array([0.75 if e == "sad" else 0.25 if e == "fear" else 0 for e in EXPRESSIONS])
    expected[label] += 0.6
    assert np.allclose(found[0], expected)
    assert np.array_equal(found[1:], targets(voted)[1:])


def test_a_set_without_votes_keeps_its_labels(dataset):
    assert np.array_equal(targets(dataset, soft_labels=1.0), targets(dataset))


def test_the_votes_are_shares_and_nothing_where_nobody_voted(voted):
    rows = voted.rows("train")
    votes = build_votes(voted, rows)
    assert votes[0].tolist() == [0.75 if e == "sad" else 0.25 if e == "fear" else 0 for e in EXPRESSIONS]
    assert not votes[1:].any()


def test_a_set_without_votes_has_none(dataset):
    assert not build_votes(dataset, dataset.rows("train")).any()


def test_softening_is_a_softmax_at_that_temperature_also_of_a_share_of_0():
    logits = torch.tensor([[2.0, 1.0, 0, -1, -2, -3, -4]])
    assert torch.allclose(soften(logits.softmax(1), 2.5), (logits / 2.5).softmax(1))
    assert torch.equal(soften(torch.eye(7), 4), torch.eye(7))
    assert soften(logits.softmax(1).half(), 2).dtype == torch.float32
