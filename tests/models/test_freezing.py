import pytest
import torch

from fer_core.models.build import build_model
from fer_core.models.freezing import freeze_trunk, split_head
from fer_core.runs.config import build_config
from fer_core.training.optim import build_optimizer


def free(model):
    trunk, head = split_head(model)
    assert all(p.requires_grad for p in head)
    return [p.requires_grad for p in trunk]


@pytest.mark.parametrize("name", ["compact_small", "resnet18", "mobilenet_v3_small", "efficientnet_b0"])
def test_every_network_has_a_trunk_and_a_head_that_ends_in_the_logits(name):
    model = build_model(name)
    trunk, head = split_head(model)
    assert len(trunk) + len(head) == len(list(model.parameters()))
    assert head[-1].shape == (7,)
    assert len(trunk) > len(head) >= 2


def test_the_trunk_is_let_go_from_the_head_downwards_and_stays_free():
    model = build_model("compact_small")
    states = []
    for epoch in range(6):
        freeze_trunk(model, epoch, freeze_epochs=2, unfreeze_epochs=2)
        states.append(free(model))
    assert not any(states[0] + states[1])
    counts = [sum(state) for state in states]
    assert 0 < counts[2] < counts[3] < counts[4] == counts[5] == len(states[0])
    assert states[2] == sorted(states[2])  # the deepest layers first


def test_without_unfreezing_epochs_all_is_let_go_at_once_and_zero_never_freezes():
    model = build_model("compact_small")
    freeze_trunk(model, 1, freeze_epochs=1, unfreeze_epochs=0)
    assert all(free(model))
    freeze_trunk(model, 0, freeze_epochs=0, unfreeze_epochs=0)
    assert all(free(model))


def test_the_trunk_learns_at_its_share_of_the_rate():
    model = build_model("compact_small")
    groups = build_optimizer(model, build_config({"dataset": "x", "trunk_rate": 0.1})).param_groups
    shares = {id(p): group["share"] for group in groups for p in group["params"]}
    trunk, head = split_head(model)
    assert {shares[id(p)] for p in trunk} == {0.1}
    assert {shares[id(p)] for p in head} == {1.0}


def test_a_frozen_layer_is_not_moved_by_a_step():
    model = build_model("compact_small")
    config = build_config({"dataset": "x", "optimizer": "sgd"})
    optimizer = build_optimizer(model, config)
    freeze_trunk(model, 0, freeze_epochs=1, unfreeze_epochs=0)
    before = [p.clone() for p in split_head(model)[0]]
    optimizer.zero_grad()
    model(torch.randn(4, 1, 24, 24)).square().sum().backward()
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, split_head(model)[0], strict=True))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "radam"])
def test_layers_that_are_let_go_one_after_another_learn_with_every_optimizer(optimizer):
    model = build_model("compact_small")
    values = {"dataset": "x", "optimizer": optimizer, "learning_rate": 0.001, "unfreeze_epochs": 2}
    steps = build_optimizer(model, build_config(values))
    before = [p.clone() for p in model.parameters()]
    for epoch in range(3):
        freeze_trunk(model, epoch, freeze_epochs=0, unfreeze_epochs=2)
        steps.zero_grad()
        model(torch.randn(4, 1, 24, 24)).square().sum().backward()
        steps.step()
    assert not any(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
