import numpy as np
import pytest
import torch

from fer_core.datasets.class_weights import WEIGHTINGS, count_worth, weigh_faces
from fer_core.training.losses import weigh_classes

COUNTS = np.array([20_000, 2_000, 0, 7, 1, 300, 50])


@pytest.mark.parametrize("balance", WEIGHTINGS)
def test_every_choice_of_the_training_has_weights_that_are_one_on_average_over_the_faces(balance):
    weights = weigh_faces(COUNTS, balance)
    assert (weights * COUNTS).sum() == pytest.approx(COUNTS.sum())
    assert weights[2] == 0


@pytest.mark.parametrize("balance", WEIGHTINGS)
def test_no_face_at_all_weighs_nothing(balance):
    assert weigh_faces(np.zeros(7, int), balance).tolist() == [0] * 7


def test_the_shown_weights_are_those_of_the_loss():
    labels = torch.from_numpy(np.repeat(np.arange(7), COUNTS))
    for balance in ("class_weights", "effective_number"):
        assert np.allclose(weigh_classes(labels, balance), weigh_faces(COUNTS, balance))


def test_the_sampler_draws_a_face_as_often_as_is_shown():
    counts = np.array([60, 30, 10])
    labels = torch.from_numpy(np.repeat(np.arange(3), counts))
    shares = 1 / torch.bincount(labels)[labels]  # as `fer_core.training.loader` draws
    drawn = torch.multinomial(shares, 100_000, replacement=True, generator=torch.Generator().manual_seed(0))
    times = torch.bincount(labels[drawn]).numpy() / counts / 1000
    assert times == pytest.approx(weigh_faces(counts, "sampler"), rel=0.03)


def test_one_face_is_worth_one_and_very_many_ten_thousand():
    assert count_worth(np.array([0, 1, 10**7])) == pytest.approx([0, 1, 10_000])
