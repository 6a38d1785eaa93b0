from dataclasses import replace

import pytest
import torch

from fer_core.inference.inputs import to_input
from fer_core.inference.views import input_views
from fer_core.models.preprocess import Preprocessing

PREPROCESSING = Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), crop_px=44)
FACES = torch.randint(0, 256, (2, 48, 48), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(
    ("views", "n", "side"), [("one", 1, 48), ("flip", 2, 48), ("ten_crop", 10, 44), ("wide", 14, 48)]
)
def test_there_are_as_many_views_as_asked_for(views, n, side):
    found = list(input_views(FACES, replace(PREPROCESSING, views=views)))
    assert [tuple(view.shape) for view in found] == [(2, 1, side, side)] * n


def test_every_second_view_is_the_mirror_image_of_the_one_before():
    for views in ("flip", "ten_crop", "wide"):
        found = list(input_views(FACES, replace(PREPROCESSING, views=views)))
        for view, mirrored in zip(found[::2], found[1::2], strict=True):
            assert torch.equal(view.flip(-1), mirrored)


def test_the_crops_are_the_corners_and_the_middle():
    whole = to_input(FACES, PREPROCESSING)
    crops = list(input_views(FACES, replace(PREPROCESSING, views="ten_crop")))[::2]
    for crop, (top, left) in zip(crops, [(0, 0), (0, 4), (4, 0), (4, 4), (2, 2)], strict=True):
        assert torch.equal(crop, whole[..., top : top + 44, left : left + 44])


def test_crops_of_a_resized_face_are_in_proportion():
    views = input_views(FACES, replace(PREPROCESSING, input_px=24, views="ten_crop"))
    assert next(views).shape[-1] == 22


def test_wide_views_are_the_face_shifted_to_four_sides_and_zoomed_in_and_out():
    whole = to_input(FACES, PREPROCESSING)
    same, up, down, left, right, larger, smaller = list(input_views(FACES, replace(PREPROCESSING, views="wide")))[::2]
    assert torch.equal(same, whole)
    assert torch.equal(up[..., 2:, :], whole[..., :-2, :]) and torch.equal(up[..., 0, :], whole[..., 0, :])
    assert torch.equal(down[..., :-2, :], whole[..., 2:, :])
    assert torch.equal(left[..., 2:], whole[..., :-2])
    assert torch.equal(right[..., :-2], whole[..., 2:])
    ramp = torch.arange(48, dtype=torch.uint8).expand(1, 48, 48)
    *_, larger, _, smaller, _ = input_views(ramp, replace(PREPROCESSING, views="wide"))
    spread = to_input(ramp, PREPROCESSING)[0, 0, 0, 30] - to_input(ramp, PREPROCESSING)[0, 0, 0, 18]
    assert (larger[0, 0, 0, 30] - larger[0, 0, 0, 18]) / spread == pytest.approx(44 / 48, abs=1e-3)
    assert (smaller[0, 0, 0, 30] - smaller[0, 0, 0, 18]) / spread == pytest.approx(52 / 48, abs=1e-3)
