"""Aligning many pairs at once."""

import cv2
import numpy as np
import pytest

from fer_core.bench.copies import draw_waves
from fer_core.datasets.checks.turned.alignment import align_pairs
from fer_core.datasets.checks.turned.search import MIN_CORRELATION

FACES = draw_waves(40, np.random.default_rng(3))
UPRIGHT = np.tile(np.eye(2, 3), (40, 1, 1))


def warp(faces: np.ndarray, linear: np.ndarray, right: float, down: float) -> np.ndarray:
    """(P, S, S) uint8: each pixel is that of the face where the map takes it, in sides from the middle."""
    side = faces.shape[1]
    middle = (side - 1) / 2
    offset = middle - linear @ [middle, middle] + np.array([right, down]) * side
    matrix, flags = np.column_stack([linear, offset]), cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.stack([cv2.warpAffine(face, matrix, (side, side), flags=flags) for face in faces])


@pytest.mark.parametrize("side", [32, 48, 64, 96])
@pytest.mark.parametrize(
    ("linear", "right", "down"),
    [
        pytest.param([[1, 0], [0, 1]], 0.03, -0.02, id="shifted"),
        pytest.param([[0.998, -0.07], [0.07, 0.998]], 0, 0, id="turned"),
        pytest.param([[0.95, 0], [0, 0.95]], 0.01, 0.02, id="cropped"),
    ],
)
def test_changed_faces_are_aligned_at_every_size(side, linear, right, down):
    faces = draw_waves(40, np.random.default_rng(3), side)
    first = warp(faces, np.array(linear), right, down)
    correlation = align_pairs(first, faces, UPRIGHT)
    assert (correlation > 0.98).all()


def test_two_faces_that_do_not_align_are_no_copies():
    flat = np.full_like(FACES, 7)
    assert (align_pairs(FACES[:20], FACES[20:], UPRIGHT[:20]) < MIN_CORRELATION).all()
    assert (align_pairs(flat, FACES, UPRIGHT) < MIN_CORRELATION).all()
    assert (align_pairs(FACES, flat, UPRIGHT) < MIN_CORRELATION).all()


@pytest.mark.parametrize(
    "map_",
    [
        pytest.param([[1, 0, 0.3], [0, 1, 0]], id="too far"),
        pytest.param([[0.8, -0.6, 0], [0.6, 0.8, 0]], id="turned too much"),
        pytest.param([[0.7, 0, 0], [0, 0.7, 0]], id="too large"),
        pytest.param([[1, 0.15, 0], [0, 1, 0]], id="sheared"),
    ],
)
def test_a_larger_change_than_such_a_copy_has_is_none(map_):
    map_ = np.array(map_, float)
    first = warp(FACES, map_[:, :2], *map_[:, 2])
    assert (align_pairs(first, FACES, np.tile(map_, (40, 1, 1))) == -1).mean() > 0.9


def test_a_pair_comes_out_the_same_whatever_is_aligned_beside_it():
    first = warp(FACES, np.eye(2), 0.03, 0.02)
    alone = [align_pairs(first[i : i + 1], FACES[i : i + 1], UPRIGHT[:1])[0] for i in range(40)]
    assert np.allclose(align_pairs(first, FACES, UPRIGHT), alone, atol=1e-4)


def test_no_pairs_are_no_correlations():
    assert align_pairs(FACES[:0], FACES[:0], UPRIGHT[:0]).shape == (0,)
