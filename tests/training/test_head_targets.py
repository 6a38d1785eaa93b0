"""Exact losses of faces that teach one head and not the other, on batches of a few faces."""

from math import log

import pytest
import torch
from torch.nn import functional as F

from fer_core.labels import N_EXPRESSIONS
from fer_core.runs.config import build_config
from fer_core.training.head_targets import add_labels, keep_taught
from fer_core.training.loader import Batch
from fer_core.training.losses import compute_loss
from fer_core.training.mixing import mix

LABELS = torch.tensor([0, 1, 2, 3])
ONE_HOT = F.one_hot(LABELS, N_EXPRESSIONS).float()
TAUGHT = torch.tensor([True, True, False, True])
VOTED = torch.tensor([False, True, True, False])
LOGITS = torch.randn(4, 14, generator=torch.Generator().manual_seed(0))


def config_of(**values):
    return build_config({"dataset": "x", "label_smoothing": 0.0, "votes_weight": 1.0, **values})


def loss(targets, votes, logits=LOGITS, **values):
    return compute_loss(logits, targets, votes, config_of(**values), None).item()


def test_the_loss_of_a_head_is_the_mean_over_the_faces_that_teach_it():
    first, second = (F.cross_entropy(half, LABELS, reduction="none") for half in LOGITS.split(7, 1))
    found = loss(keep_taught(ONE_HOT, TAUGHT), keep_taught(ONE_HOT, VOTED), votes_weight=0.5)
    assert found == pytest.approx(first[TAUGHT].mean().item() + 0.5 * second[VOTED].mean().item())


def test_a_network_that_knows_nothing_has_the_same_loss_however_few_faces_teach():
    blank = torch.zeros(4, 14)
    for taught in (TAUGHT, VOTED, torch.tensor([False, False, True, False])):
        assert loss(keep_taught(ONE_HOT, taught), torch.zeros(4, 7), blank) == pytest.approx(log(7))


def test_a_head_that_no_face_of_the_batch_teaches_has_no_loss():
    assert not keep_taught(ONE_HOT, torch.zeros(4, dtype=torch.bool)).any()


def test_faces_that_all_teach_keep_their_very_targets():
    assert torch.equal(keep_taught(ONE_HOT, torch.ones(4, dtype=torch.bool)), ONE_HOT)


def test_a_face_that_does_not_teach_gets_no_gradient():
    logits = LOGITS.clone().requires_grad_()
    compute_loss(
        logits, keep_taught(ONE_HOT, TAUGHT), keep_taught(ONE_HOT, VOTED), config_of(focal_gamma=2), None
    ).backward()
    touched = logits.grad.abs().reshape(4, 2, 7).sum(2) > 0
    assert torch.equal(touched, torch.stack([TAUGHT, VOTED], 1))


def test_the_focal_loss_is_a_mean_over_the_faces_that_teach_too():
    p = LOGITS[:, :7].softmax(1)[torch.arange(4), LABELS]
    expected = ((1 - p) ** 2 * -p.log())[TAUGHT].mean().item()
    assert loss(keep_taught(ONE_HOT, TAUGHT), torch.zeros(4, 7), focal_gamma=2) == pytest.approx(expected)


def test_parts_of_a_batch_have_the_loss_of_the_whole_as_their_mean():
    batch = Batch(torch.zeros(4, 1, 2, 2), LABELS, keep_taught(ONE_HOT, TAUGHT), keep_taught(ONE_HOT, VOTED))
    whole = loss(batch.targets, batch.votes)
    parts = [(batch.part(rows), LOGITS[rows]) for rows in (slice(0, 2), slice(2, 4))]
    assert sum(loss(part.targets, part.votes, logits) for part, logits in parts) / 2 == pytest.approx(whole)


@pytest.mark.parametrize("values", [{"mixup": 0.4}, {"cutmix": 1.0}], ids=str)
def test_a_mixed_face_teaches_by_the_share_of_the_face_that_teaches(values):
    x = torch.arange(4.0).view(-1, 1, 1, 1).expand(-1, 1, 8, 8)
    batch = Batch(x, LABELS, keep_taught(ONE_HOT, TAUGHT), keep_taught(ONE_HOT, VOTED))
    plain = mix(Batch(x, LABELS, ONE_HOT, ONE_HOT), config_of(**values), 3)
    mixed = mix(batch, config_of(**values), 3)
    # column k of a one-hot row is the share of face k, which counts 4/3 or 0 for one head and 2 or 0 for the other
    assert torch.allclose(mixed.targets[:, :4], plain.targets[:, :4] * TAUGHT * 4 / 3)
    assert torch.allclose(mixed.votes[:, :4], plain.votes[:, :4] * VOTED * 2)
    assert mixed.targets.sum() == pytest.approx(4)


FIVE = torch.tensor([0, 0, 0, 0, 3])
FOUR_TO_ONE = {"none": (1, 1), "square_root": (5 / 6, 5 / 3), "class_weights": (0.625, 2.5)}


@pytest.mark.parametrize(("balance", "weights"), FOUR_TO_ONE.items(), ids=list(FOUR_TO_ONE))
def test_a_label_teaches_by_the_weight_of_its_class_which_is_one_on_average(balance, weights):
    rows = add_labels(torch.zeros(5, 7), FIVE, torch.ones(5, dtype=torch.bool), config_of(people_balance=balance))
    assert rows[torch.arange(5), FIVE].tolist() == pytest.approx([weights[0]] * 4 + [weights[1]])
    assert rows.sum() == pytest.approx(5)


def test_classes_are_counted_among_the_faces_whose_label_teaches_and_votes_are_kept():
    votes = torch.zeros(6, 7)
    votes[5] = 1 / 7
    labelled = torch.tensor([True] * 5 + [False])
    rows = add_labels(votes, torch.tensor([0, 0, 0, 0, 3, 3]), labelled, config_of())
    assert rows[4, 3].item() == pytest.approx(5 / 3)
    assert torch.equal(rows[5], votes[5])


def test_rare_classes_that_are_drawn_more_often_are_not_weighted_too():
    rows = add_labels(torch.zeros(5, 7), FIVE, torch.ones(5, dtype=torch.bool), config_of(balance="sampler"))
    assert torch.equal(rows, F.one_hot(FIVE, 7).float())


def test_labels_are_smoothed_for_the_people_head_and_votes_are_not():
    votes = torch.zeros(2, 7)
    votes[1, 2] = 1
    labelled = torch.tensor([True, False])
    rows = add_labels(votes, torch.tensor([4, 0]), labelled, config_of(label_smoothing=0.14))
    assert rows[0].tolist() == pytest.approx([0.02] * 4 + [0.88] + [0.02] * 2)
    assert torch.equal(rows[1], votes[1])
