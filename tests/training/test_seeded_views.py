"""Seeded views: the same for every network that looks at them."""

import torch

from fer_core.models.preprocess import Preprocessing
from fer_core.runs.config import build_config
from fer_core.training.augment import render
from fer_core.training.seeded_views import SeededViews
from tests.helpers.samples import make_dataset


def test_a_view_is_the_same_for_another_size_and_other_statistics_but_for_these(tmp_path):
    tiny = make_dataset(tmp_path)
    faces = torch.from_numpy(tiny.faces[:6].copy())
    views = SeededViews(6, 48, build_config({"dataset": "tiny", "teacher_views": 2}))
    shown = views.pick(torch.tensor([0, 1, 0, 1, 0, 1]), torch.arange(6))
    small = render(faces, shown, Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)))
    other = render(faces, shown, Preprocessing(face_px=48, input_px=48, channels=3, mean=(0.4,) * 3, std=(0.2,) * 3))
    assert torch.allclose(small * 0.25 + 0.5, other[:, :1] * 0.2 + 0.4, atol=1e-6)
    assert (
        render(faces, shown, Preprocessing(face_px=48, input_px=96, channels=1, mean=(0.5,), std=(0.25,))).shape[-1]
        == 96
    )


def test_views_follow_from_the_seed_and_differ_from_each_other_and_from_a_plain_step():
    config = build_config({"dataset": "tiny", "teacher_views": 3, "seed": 4})
    first, again = SeededViews(5, 48, config), SeededViews(5, 48, config)
    other = SeededViews(5, 48, config.model_copy(update={"seed": 5}))
    assert torch.equal(first.transforms.theta, again.transforms.theta)
    assert not torch.equal(first.transforms.theta, other.transforms.theta)
    assert len(first.transforms.theta.flatten(1).unique(dim=0)) == 15
