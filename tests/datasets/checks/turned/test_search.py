"""Copies that were turned, shifted or cropped, plain and mirrored."""

import numpy as np
import pytest

from fer_core.bench.copies import draw_waves
from fer_core.bench.planted import PLANTED, bench_planted
from fer_core.datasets.checks.near_copies import find_near_pairs, match_near
from fer_core.datasets.checks.turned import search
from fer_core.datasets.checks.turned.lookup import look_up
from fer_core.datasets.checks.turned.search import MIN_CORRELATION, find_turned_pairs
from fer_core.datasets.checks.turned.views import ODD, VIEWS, hash_views, shrink
from tests.helpers.samples import make_dataset

NONE = np.empty((0, 2), np.int64)
FACES = draw_waves(40, np.random.default_rng(3))


@pytest.mark.parametrize("mirrored", [False, True], ids=["plain", "mirrored"])
@pytest.mark.parametrize("kind", [kind for kind in PLANTED if "ed by" in kind])
def test_a_changed_copy_is_found_and_no_other_face_is(kind, mirrored):
    face = np.ascontiguousarray(FACES[7][:, ::-1] if mirrored else FACES[7])
    copy = PLANTED[kind](face, np.random.default_rng(1))
    assert find_near_pairs(np.concatenate([FACES, copy[None]]), np.arange(41)).tolist() == [[7, 40]]


@pytest.mark.parametrize("side", [48, 64, 96])
def test_turned_copies_are_found_at_every_size(side):
    faces = draw_waves(5, np.random.default_rng(0), side)
    turned = PLANTED["rotated by 10 degrees"](faces[2], np.random.default_rng(0))
    pairs, correlation = find_turned_pairs(np.concatenate([faces, turned[None]]), np.arange(6), NONE)
    assert pairs.tolist() == [[2, 5]]
    assert correlation.min() >= MIN_CORRELATION


def test_a_mirror_image_has_the_mirrored_hash():
    small, mirrored = (shrink(faces) for faces in (FACES, FACES[:, :, ::-1]))
    assert (hash_views(small)[:, 0] ^ ODD == hash_views(mirrored)[:, 0]).mean() > 0.9


def test_the_view_of_a_turned_face_is_hashed_as_the_face_turned_back():
    turned = np.stack([PLANTED["rotated by 10 degrees"](face, np.random.default_rng(0)) for face in FACES])
    plain, views = (hash_views(shrink(faces)) for faces in (FACES, turned))
    distance = np.bitwise_count(plain[:, :1] ^ views)
    assert distance[:, 0].mean() > 12
    assert np.median(distance[:, 1:].min(axis=1)) <= 4


def test_more_faces_than_the_time_allows_are_searched_only_where_it_is_asked_for(monkeypatch):
    turned = PLANTED["rotated by 10 degrees"](FACES[2], np.random.default_rng(0))
    both = np.concatenate([FACES, turned[None]])
    monkeypatch.setattr(search, "MAX_FACES", 40)
    found = [match_near(both, np.arange(41), wanted).pairs.tolist() for wanted in (None, False, True)]
    assert found == [[], [], [[2, 40]]]


def test_looking_up_a_part_at_a_time_finds_the_same_candidates(monkeypatch):
    turned = np.stack([PLANTED["rotated by 5 degrees"](face, np.random.default_rng(0)) for face in FACES])
    hashes = hash_views(shrink(np.concatenate([FACES, turned])))
    at_once = look_up(hashes)
    monkeypatch.setattr("fer_core.datasets.checks.turned.lookup._PART", 7)
    assert np.array_equal(look_up(hashes), at_once)
    assert len(at_once) >= 40
    assert (np.diff(np.sort(at_once[:, :2], axis=1) @ [80, 1]) > 0).all()  # each pair once, in order


def test_a_pair_that_is_known_is_not_looked_at_again(monkeypatch):
    turned = PLANTED["rotated by 10 degrees"](FACES[2], np.random.default_rng(0))
    both = np.concatenate([FACES, turned[None]])
    assert find_turned_pairs(both, np.arange(41), NONE)[0].tolist() == [[2, 40]]
    monkeypatch.setattr(search, "align_pairs", lambda *pairs: pytest.fail("it was aligned"))
    assert find_turned_pairs(both, np.arange(41), np.array([[2, 40]]))[0].tolist() == []


def test_of_faces_that_are_all_alike_few_are_aligned_and_all_hang_together(monkeypatch):
    rng = np.random.default_rng(0)
    faces = np.stack([PLANTED["rotated by 5 degrees"](FACES[2], rng) for _ in range(30)])
    faces = np.clip(faces + rng.normal(0, 2, faces.shape), 0, 255).astype(np.uint8)
    aligned = []
    monkeypatch.setattr(
        search, "align_pairs", lambda first, *_: aligned.append(len(first)) or np.full(len(first), 0.96)
    )
    pairs, _ = find_turned_pairs(faces, np.arange(30), NONE)
    assert 0 < sum(aligned) == len(pairs) <= 120
    assert len(np.unique(pairs)) == 30


def test_every_change_of_the_grid_has_its_opposite():
    turns = [view.turn for view in VIEWS]
    assert sorted(turns) == sorted(-turn for turn in turns)
    assert {(v.scale, v.right, v.down) for v in VIEWS} == {(v.scale, -v.right, v.down) for v in VIEWS}


def test_planted_copies_are_counted_by_kind(tmp_path):
    make_dataset(tmp_path)
    document = bench_planted("tiny", n_each=2)
    assert [kind["kind"] for kind in document["kinds"]] == list(PLANTED)
    assert all(0 <= kind["found"] <= kind["n"] == 2 for kind in document["kinds"])
    assert document["planted"] == 2 * len(PLANTED)
