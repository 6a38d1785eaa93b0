import time

import numpy as np
import pytest

from fer_core.bench.copies import CHANGES, SIZE_PX, bench_copies, draw_waves
from fer_core.datasets.checks import near_copies
from fer_core.datasets.checks.near_copies import correlate, find_candidates, find_near_pairs, hash_faces, mirror_hashes

FACES = draw_waves(60, np.random.default_rng(0))


def find_all(faces):
    return find_near_pairs(faces, np.arange(len(faces))).tolist()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_copy_is_found_and_no_other_face_is(change):
    assert find_all(np.concatenate([FACES, change(FACES[7])[None]])) == [[7, 60]]


def test_a_copy_in_another_light_is_found():
    assert find_all(np.concatenate([FACES, (FACES[3] // 2 + 100)[None]])) == [[3, 60]]


@pytest.mark.parametrize("side", [48, 64, 96])
def test_a_mirror_image_has_the_mirrored_hash_at_every_size(side):
    faces = np.random.default_rng(0).integers(0, 256, (9, side, side)).astype(np.uint8)
    both = hash_faces(np.concatenate([faces, faces[:, :, ::-1]]), np.arange(18))
    assert (mirror_hashes(both[:9]) == both[9:]).all()


def test_faces_of_like_hash_and_other_pixels_are_no_copies(monkeypatch):
    monkeypatch.setattr(near_copies, "hash_faces", lambda faces, rows: np.zeros(len(rows), np.uint64))
    assert find_all(np.concatenate([FACES[:5], FACES[2:3] // 2])) == [[2, 5]]


def flip(hashes, n, rng):
    """Each hash with `n` bits turned over."""
    return np.array(
        [h ^ np.bitwise_or.reduce(np.uint64(1) << rng.permutation(64)[:n].astype(np.uint64)) for h in hashes]
    )


@pytest.mark.parametrize(("n_bits", "share"), [(2, 1.0), (5, 0.99), (8, 0.9), (12, 0.4), (13, 0.0)])
def test_hashes_are_candidates_up_to_twelve_bits_apart_and_nearly_all_up_to_eight(n_bits, share):
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, 300, dtype=np.uint64)
    pairs, mirrored = find_candidates(np.concatenate([hashes, flip(hashes, n_bits, rng)]))
    found = (pairs[:, 1] == pairs[:, 0] + 300) & ~mirrored
    assert share <= found.sum() / 300 <= (0 if n_bits > near_copies.MAX_DISTANCE else 1)
    assert (~found).sum() <= 2  # which came near by chance


def test_shuffling_puts_every_bit_in_its_place():
    rng = np.random.default_rng(0)
    value, places = rng.integers(0, 2**64, 9, dtype=np.uint64), rng.permutation(64)
    bits = value[:, None] >> np.arange(64, dtype=np.uint64) & np.uint64(1)
    expected = (bits << places.astype(np.uint64)).sum(1, dtype=np.uint64)
    assert (near_copies._shuffle_bits(value, places) == expected).all()


def test_the_correlation_is_that_of_the_pixels_and_none_where_there_is_one_grey():
    first, second = FACES[:3], FACES[3:6].copy()
    second[2] = 7
    expected = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(first[:2], second[:2], strict=True)]
    assert correlate(first, second) == pytest.approx([*expected, 0])


def test_no_face_and_one_face_have_no_copy():
    assert find_all(FACES[:0]) == find_all(FACES[:1]) == []


def test_hundreds_of_faces_that_are_all_alike_hang_together(monkeypatch):
    n, most = 400, 8
    monkeypatch.setattr(near_copies, "_MAX_NEIGHBOURS", most)
    rng = np.random.default_rng(0)
    faces = np.clip(FACES[:1] + rng.normal(0, 3, (n, SIZE_PX, SIZE_PX)), 0, 255).astype(np.uint8)
    pairs = np.array(find_all(faces))
    assert set(pairs.ravel().tolist()) == set(range(n))
    assert len(pairs) < n * most * 10 < n * (n - 1) / 2


@pytest.mark.slow
def test_time_grows_with_the_hashes_and_not_with_their_pairs():
    rng = np.random.default_rng(0)
    seconds = []
    for n in (50_000, 100_000, 200_000):
        hashes = rng.integers(0, 2**64, n, dtype=np.uint64)
        started = time.process_time()
        find_candidates(hashes)
        seconds.append(time.process_time() - started)
    assert seconds[2] / seconds[0] < 11  # 4 by count, twice that where a cache no longer holds them; 16 by pairs


@pytest.mark.slow
def test_of_planted_copies_of_every_kind_hardly_one_is_missed():
    document = bench_copies(20_000)
    assert min(document["recall_by_kind"].values()) > 0.97
    assert document["false_pairs"] == 0
