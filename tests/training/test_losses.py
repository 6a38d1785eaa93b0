import pytest
import torch
from torch.nn import functional as F

from fer_core.runs.config import build_config
from fer_core.training.losses import compute_loss, weigh_classes

LOGITS = torch.tensor([[2.0, 0, 0, 0, 0, 0, 0], [0, 0, 1.0, 0, 0, 0, -1.0]])
TARGETS = F.one_hot(torch.tensor([0, 6]), 7).float()
NO_VOTES = torch.zeros(2, 7)


def loss(weights=None, logits=LOGITS, votes=NO_VOTES, **values):
    return compute_loss(logits, TARGETS, votes, build_config({"dataset": "x", **values}), weights).item()


def test_without_anything_it_is_cross_entropy():
    assert loss() == pytest.approx(F.cross_entropy(LOGITS, TARGETS).item())


def test_the_focal_loss_turns_each_face_down_by_how_sure_it_is_of_the_target():
    p = LOGITS.softmax(1)[[0, 1], [0, 6]]
    assert loss(focal_gamma=2) == pytest.approx(((1 - p) ** 2 * -p.log()).mean().item())


def test_a_class_weight_counts_for_the_faces_of_that_class():
    weights = torch.tensor([3.0, 1, 1, 1, 1, 1, 0])
    expected = 3 * F.cross_entropy(LOGITS[:1], TARGETS[:1]).item() / 2
    assert loss(weights) == pytest.approx(expected)


def test_a_second_head_is_held_against_the_votes_where_there_are_any():
    votes = torch.stack([torch.full((7,), 1 / 7), torch.zeros(7)])
    second = torch.arange(14.0).view(2, 7)
    expected = F.cross_entropy(second[:1], votes[:1]).item() / 2
    found = loss(logits=torch.cat([LOGITS, second], 1), votes=votes, votes_weight=0.5)
    assert found == pytest.approx(loss() + 0.5 * expected)


@pytest.mark.parametrize("balance", ["class_weights", "effective_number"])
def test_weights_are_one_on_average_over_the_faces_and_nothing_for_an_absent_class(balance):
    labels = torch.tensor([0] * 12 + [3] * 2)
    weights = weigh_classes(labels, balance)
    assert weights[labels].mean() == pytest.approx(1)
    assert weights[3] > weights[0] > 0
    assert weights[1] == 0


def test_weights_are_inverse_to_the_count_or_to_what_the_count_is_worth():
    labels = torch.tensor([0] * 20_000 + [3] * 2_000)
    assert (lambda w: w[3] / w[0])(weigh_classes(labels, "class_weights")) == pytest.approx(10)
    worth = [(1 - 0.9999**n) / (1 - 0.9999) for n in (20_000, 2_000)]
    ratio = (lambda w: w[3] / w[0])(weigh_classes(labels, "effective_number"))
    assert ratio == pytest.approx(worth[0] / worth[1])


@pytest.mark.parametrize("balance", ["none", "sampler"])
def test_what_does_not_weigh_the_loss_gives_no_weights(balance):
    assert weigh_classes(torch.tensor([0, 1]), balance) is None
