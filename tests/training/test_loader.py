import pytest
import torch

from fer_core.runs.config import build_config
from fer_core.training.loader import TrainBatches, build_preprocessing, step_seed
from tests.helpers.samples import make_dataset


@pytest.fixture
def make_batches(tmp_path):
    dataset = make_dataset(tmp_path, n_per_class=6)

    def make(**values):
        config = build_config({"dataset": "tiny", "batch_size": 4, **values})
        return TrainBatches(dataset, config, build_preprocessing(dataset, config), "cpu")

    return make


def test_an_epoch_shows_every_face_once_but_for_the_last_few(make_batches):
    batches = make_batches()
    assert batches.steps_per_epoch == 3
    assert sorted(batches._order(0).tolist()) == list(range(14))
    assert batches._order(0).tolist() != batches._order(1).tolist()


def test_an_epoch_taken_up_in_its_middle_goes_on_with_the_very_batches(make_batches):
    whole, rest = list(make_batches().epoch(2)), list(make_batches().epoch(2, first_step=1))
    assert len(rest) == 2
    for one, again in zip(whole[1:], rest, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(one[:4], again[:4], strict=True))


def test_the_seed_decides_the_augmentation_too_not_the_order_alone(make_batches):
    def first_batch(seed):
        batches = make_batches(seed=seed)
        batches._order = lambda epoch: torch.arange(14)
        return next(batches.epoch(0))[0]

    assert torch.equal(first_batch(1), first_batch(1))
    assert not torch.equal(first_batch(1), first_batch(2))


def test_the_sampler_draws_rare_classes_as_often_as_common_ones(make_batches):
    batches = make_batches(balance="sampler")
    batches.labels = torch.tensor([0] * 13 + [1])
    drawn = torch.cat([batches.labels[batches._order(epoch)] for epoch in range(100)])
    assert 0.4 < drawn.float().mean() < 0.6


def test_every_step_has_a_seed_of_its_own():
    assert len({step_seed(seed, step) for seed in range(3) for step in range(-5, 200)}) == 3 * 205


def test_imagenet_weights_bring_imagenets_statistics(make_batches):
    assert make_batches(init="imagenet", channels=3, model="resnet18").preprocessing.mean == (0.485, 0.456, 0.406)
    assert len(make_batches(channels=3).preprocessing.mean) == 3
