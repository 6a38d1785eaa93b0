"""Which faces are copies of each other when it is known who is in them."""

import numpy as np
import pandas as pd
import pytest

from fer_core.bench.copies import draw_waves
from fer_core.datasets.checks import copy_groups
from fer_core.datasets.checks.copy_groups import group_copies
from fer_core.datasets.checks.near_copies import NearPairs

WAVES = draw_waves(3, np.random.default_rng(0))
COLUMNS = ["sha256", "source", "subject", "sequence"]


def test_near_copies_are_one_set_where_they_are_asked_for():
    faces = np.concatenate([WAVES, WAVES[:1], WAVES[1:2, :, ::-1], WAVES[1:2] // 2])
    table = pd.DataFrame({"sha256": ["a", "b", "c", "a", "d", "e"]})
    exact, near = (group_copies(faces, np.arange(6), table, near) for near in (False, True))
    assert exact.copy_group.tolist() == exact.linked.tolist() == [0, 1, 2, 0, 3, 4]
    assert near.copy_group.tolist() == near.linked.tolist() == [0, 1, 2, 0, 1, 1]


@pytest.fixture
def join(monkeypatch):
    """Sets and links of faces whose near copies are given: (first, second, correlation)."""

    def join(rows, pairs):
        places = np.array([pair[:2] for pair in pairs], np.int64).reshape(-1, 2)
        found = NearPairs(places, np.array([pair[2] for pair in pairs]))
        monkeypatch.setattr(copy_groups, "match_near", lambda *_: found)
        groups = group_copies(WAVES, np.arange(len(rows)), pd.DataFrame(rows, columns=COLUMNS), near=True)
        return groups.copy_group.tolist(), groups.linked.tolist()

    return join


FRAMES = [("a", "ck", "S1", "S1_1"), ("b", "ck", "S1", "S1_1"), ("c", "ck", "S1", "S1_2"), ("d", "fer", "", "")]


def test_frames_of_one_sequence_are_no_copies_however_alike(join):
    assert join(FRAMES, [(0, 1, 0.9998)]) == ([0, 1, 2, 3], [0, 1, 2, 3])


def test_frames_of_one_sequence_with_the_same_pixels_are_copies(join):
    assert join([FRAMES[0], FRAMES[0], FRAMES[3]], [])[0] == [0, 0, 1]


@pytest.mark.parametrize(("correlation", "sets"), [(0.985, [0, 1, 2, 3]), (0.991, [0, 1, 0, 2])])
def test_faces_of_one_subject_are_copies_only_when_they_are_one_picture(join, correlation, sets):
    assert join(FRAMES, [(0, 2, correlation)])[0] == sets


def test_one_name_in_two_sources_is_not_one_subject(join):
    assert join([FRAMES[0], ("b", "jaffe", "S1", "")], [(0, 1, 0.95)])[0] == [0, 0]


def test_a_face_joins_the_frame_it_is_most_like_and_the_other_frames_stay_outside(join):
    sets, linked = join(FRAMES, [(0, 3, 0.93), (1, 3, 0.97), (2, 3, 0.94), (0, 1, 0.99)])
    assert sets == [0, 1, 2, 1]
    assert linked == [0, 0, 0, 0]


def test_a_source_that_stands_twice_is_joined_frame_by_frame(join):
    again = [(sha256, "ck-2", *who) for sha256, _, *who in FRAMES[1:3]]  # the first frame is not there
    pairs = [(0, 1, 0.999), (0, 2, 0.95), (1, 2, 0.96)]
    assert join([*FRAMES[:3], *again], pairs) == ([0, 1, 2, 1, 2], [0, 1, 2, 1, 2])
    other = [(sha256 + "'", "ck-2", *who) for sha256, _, *who in FRAMES[:2]]  # other pixels
    pairs = [(0, 3, 0.98), (1, 4, 0.98), (0, 4, 0.97), (1, 3, 0.97)]
    assert join([*FRAMES[:3], *other], pairs) == ([0, 1, 2, 0, 1], [0, 0, 1, 0, 0])


def test_a_chain_through_others_does_not_join_two_frames_of_one_person(join):
    faces = [*FRAMES, ("e", "fer", "", "")]
    sets, linked = join(faces, [(0, 3, 0.95), (3, 4, 0.97), (1, 4, 0.94)])
    assert sets == [0, 1, 2, 0, 0]
    assert linked == [0, 0, 1, 0, 0]


def test_sets_without_known_people_are_joined_through_a_third(join):
    faces = [(name, "fer", "", "") for name in "abcd"]
    assert join(faces, [(0, 1, 0.95), (1, 2, 0.93)]) == ([0, 0, 0, 1], [0, 0, 0, 1])
