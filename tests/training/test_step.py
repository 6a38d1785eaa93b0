"""One step of the optimizer, apart from the training around it."""

import pytest
import torch

from fer_core.studies.lr_range import Sweep, SweepSchedule
from fer_core.training.distributed import Ranks
from fer_core.training.prepare import build_data, build_network
from fer_core.training.step import build_step
from tests.helpers.samples import make_dataset
from tests.helpers.training import epochs_of, new_run, train

ALL_THAT_MAY_BE_RANDOM = {"mixup": 0.4, "dropout": 0.3, "ema": 0.9, "erasing": 0.5, "clip_norm": 0.5}


@pytest.fixture(autouse=True)
def tiny(tmp_path):
    return make_dataset(tmp_path)


def build(**values):
    run = new_run(**values)
    data = build_data(run, Ranks(), lambda: None)
    return data, build_step(data, build_network(run, data, Ranks()))


def state_of(step):
    """All tensors of a step, and all numbers, by their places."""
    flat, left = {}, {"": step.state_dict()}
    while left:
        place, value = left.popitem()
        if isinstance(value, dict):
            left |= {f"{place}/{key}": inner for key, inner in value.items()}
        elif isinstance(value, list):
            left |= {f"{place}/{i}": inner for i, inner in enumerate(value)}
        else:
            flat[place] = value.clone() if isinstance(value, torch.Tensor) else value
    return flat


def assert_same(one, other):
    assert one.keys() == other.keys()
    for place, value in one.items():
        same = torch.equal(value, other[place]) if isinstance(value, torch.Tensor) else value == other[place]
        assert same, place


@pytest.mark.parametrize(
    ("values", "train_loss", "val_loss"),
    [
        pytest.param({}, [2.043838, 2.064332, 2.008577], [1.932298, 1.876391, 1.819034], id="one-cycle"),
        pytest.param(
            {"mixup": 0.4, "cutmix": 1.0, "clip_norm": 0.5, "focal_gamma": 2},
            [1.595274, 1.586022, 1.516883], [1.965889, 1.978379, 1.977371], id="mixed",
        ),
        pytest.param(
            {"freeze_epochs": 1, "unfreeze_epochs": 1, "optimizer": "radam", "trunk_rate": 0.3},
            [2.062945, 2.039583, 2.006692], [1.96418, 1.972759, 1.972078], id="frozen",
        ),
        pytest.param(
            {"schedule": "plateau", "plateau_patience": 1, "balance": "class_weights"},
            [2.272749, 2.15544, 2.131236], [1.914169, 1.791258, 1.720093], id="plateau",
        ),
        pytest.param(
            {"votes_weight": 1.0, "people_from": "all"},
            [4.226724, 4.177391, 3.776547], [1.937298, 1.772309, 1.667641], id="people head",
        ),
    ],
)  # fmt: skip
def test_the_losses_are_those_that_version_0_1_recorded_for_the_seed(values, train_loss, val_loss):
    """On a CPU of another kind sums are rounded in another order, hence the tolerance; on one they are the same."""
    epochs = epochs_of(train(new_run(**values)))
    assert [epoch["train_loss"] for epoch in epochs] == pytest.approx(train_loss, abs=2e-4)
    assert [epoch["val_loss"] for epoch in epochs] == pytest.approx(val_loss, abs=2e-4)


@pytest.mark.parametrize("optimizer", ["sgd", "adamw", "radam"])
def test_a_step_that_was_lent_is_given_back_as_it_was(optimizer):
    data, step = build(optimizer=optimizer, **ALL_THAT_MAY_BE_RANDOM)
    batches = [*data.batches.epoch(0)]
    step.take(batches[0])
    step.model.eval()
    before = state_of(step)
    with step.lent() as borrowed:
        borrowed.model.train()
        for batch in batches[1:]:
            borrowed.take(batch, SweepSchedule(Sweep(1e-3, 1.0, 10), 0.5))
        assert borrowed.n_done == 3
    assert_same(state_of(step), before)
    assert not step.model.training
    assert all(parameter.grad is None for parameter in step.model.parameters())


def test_a_step_is_given_back_when_the_borrower_fails():
    data, step = build(**ALL_THAT_MAY_BE_RANDOM)
    before = state_of(step)
    with pytest.raises(ZeroDivisionError), step.lent() as borrowed:
        borrowed.take(next(data.batches.epoch(0)))
        raise ZeroDivisionError
    assert_same(state_of(step), before)


def test_a_training_goes_on_from_a_lent_step_as_if_it_had_never_been_lent():
    (data, lent), (_, kept) = (build(**ALL_THAT_MAY_BE_RANDOM) for _ in range(2))
    batches = [*data.batches.epoch(0)]
    for step in (lent, kept):
        step.take(batches[0])
    with lent.lent():
        lent.take(batches[2])
    for step in (lent, kept):
        step.take(batches[1])
    assert_same(state_of(lent), state_of(kept))


def test_rates_that_are_given_stand_in_for_the_schedule_in_that_step_alone():
    data, step = build(trunk_rate=0.5)
    batches = data.batches.epoch(0)
    step.take(next(batches), SweepSchedule(Sweep(0.25, 1.0, 10), 0.5))
    assert [(group["lr"], group["momentum"]) for group in step.optimizer.param_groups][::3] == [
        (0.125, 0.5),
        (0.25, 0.5),
    ]
    step.take(next(batches))
    assert step.optimizer.param_groups[-1]["lr"] == step.schedule.rate(1)


def test_the_steps_of_a_training_are_these_steps_to_the_bit():
    run = train(new_run(epochs=1, **ALL_THAT_MAY_BE_RANDOM))
    data, step = build(epochs=1, **ALL_THAT_MAY_BE_RANDOM)
    for batch in data.batches.epoch(0):
        step.take(batch)
    trained = torch.load(run.last_checkpoint, weights_only=True)
    assert all(torch.equal(trained["model"][name], tensor) for name, tensor in step.model.state_dict().items())
    assert all(torch.equal(trained["ema"][name], tensor) for name, tensor in step.ema.state_dict().items())
