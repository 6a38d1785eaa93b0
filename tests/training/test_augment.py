from dataclasses import replace

import pytest
import torch

from fer_core.inference.inputs import to_input
from fer_core.models.preprocess import Preprocessing
from fer_core.runs.config import build_config
from fer_core.training.augment import augment

PREPROCESSING = Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,))
OFF = {
    "dataset": "x", "flip": False, "rotation_deg": 0, "translation_px": 0, "scale": 0, "brightness": 0, "contrast": 0
}  # fmt: skip
FACES = torch.randint(0, 256, (16, 48, 48), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)


def run(seed=0, preprocessing=PREPROCESSING, **values):
    return augment(FACES, build_config({**OFF, **values}), preprocessing, torch.Generator().manual_seed(seed))


def test_with_everything_off_it_is_the_plain_input():
    assert torch.allclose(run(), to_input(FACES, PREPROCESSING), atol=1e-3)


def test_a_flip_mirrors_about_half_of_the_faces_and_nothing_else():
    x, plain = run(flip=True), to_input(FACES, PREPROCESSING)
    same = torch.isclose(x, plain, atol=1e-3).flatten(1).all(1)
    mirrored = torch.isclose(x, plain.flip(-1), atol=1e-3).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 3 <= mirrored.sum() <= 13


@pytest.mark.parametrize(
    "values",
    [
        {"rotation_deg": 20},
        {"translation_px": 8},
        {"scale": 0.3},
        {"brightness": 0.5},
        {"contrast": 0.5},
        {"erasing": 1},
    ],
    ids=lambda values: next(iter(values)),
)
def test_each_part_changes_every_face_in_its_own_way(values):
    change = (run(**values) - run()).abs().flatten(1).mean(1)
    assert torch.isfinite(change).all()
    assert (change > 1e-3).sum() >= 14
    assert change.unique().numel() == len(FACES)


def test_the_seed_decides_the_batch():
    assert torch.equal(run(1, rotation_deg=9), run(1, rotation_deg=9))
    assert not torch.equal(run(1, rotation_deg=9), run(2, rotation_deg=9))


def test_a_crop_is_smaller_by_its_share_and_the_input_may_be_larger():
    assert run(preprocessing=replace(PREPROCESSING, crop_px=44)).shape == (16, 1, 44, 44)
    larger = Preprocessing(face_px=48, input_px=96, channels=3, mean=(0.5,) * 3, std=(0.25,) * 3, crop_px=24)
    assert run(preprocessing=larger).shape == (16, 3, 48, 48)


def test_a_shift_moves_the_picture_by_at_most_what_was_asked():
    spot = torch.zeros(16, 48, 48, dtype=torch.uint8)
    spot[:, 22:26, 22:26] = 255
    x = augment(spot, build_config({**OFF, "translation_px": 6}), PREPROCESSING, torch.Generator().manual_seed(0))
    weight = (x[:, 0] - x.min()).clamp(min=0)
    centre = (weight.sum(1) * torch.arange(48)).sum(1) / weight.sum((1, 2))
    assert (centre - 23.5).abs().max() <= 6.1
    assert (centre - 23.5).abs().max() > 2
