import pytest
import torch
from torch.nn import functional as F

from fer_core.runs.config import build_config
from fer_core.training.loader import Batch
from fer_core.training.mixing import mix

# Face i shows the number i and carries label i, so that a mixed face tells of what it was made.
LABELS = torch.arange(7)
BATCH = Batch(
    torch.arange(7.0).view(-1, 1, 1, 1).expand(-1, 1, 8, 8),
    LABELS,
    F.one_hot(LABELS, 7).float(),
    F.one_hot(LABELS, 7).float(),
)


def mixed(seed=0, **values):
    return mix(BATCH, build_config({"dataset": "x", **values}), seed)


@pytest.mark.parametrize("values", [{"mixup": 0.4}, {"cutmix": 1.0}, {"mixup": 0.4, "cutmix": 1.0}], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_the_targets_are_shared_out_as_the_pixels_are(values, seed):
    batch = mixed(seed, **values)
    assert torch.allclose(batch.targets.sum(1), torch.ones(7))
    assert torch.allclose((batch.targets * LABELS).sum(1), batch.x.mean((1, 2, 3)), atol=1e-5)
    assert torch.equal(batch.votes, batch.targets)
    assert (batch.targets[LABELS, LABELS] >= 0.5).all()


def test_mixup_blends_whole_faces_and_cutmix_leaves_each_pixel_its_own():
    blended, cut = mixed(3, mixup=1.0).x, mixed(3, cutmix=1.0).x
    assert torch.allclose(blended, blended[:, :, :1, :1].expand_as(blended))
    assert blended.frac().any()
    assert not cut.frac().any()
    assert (cut != BATCH.x).any()


def test_the_same_seed_mixes_the_same_faces_and_the_labels_stay():
    assert torch.equal(mixed(5, cutmix=1.0).x, mixed(5, cutmix=1.0).x)
    assert not torch.equal(mixed(5, mixup=1.0).x, mixed(6, mixup=1.0).x)
    assert torch.equal(mixed(5, mixup=1.0).labels, LABELS)
    assert torch.equal(BATCH.x[:, 0, 0, 0], torch.arange(7.0))
