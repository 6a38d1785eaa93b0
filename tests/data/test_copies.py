import numpy as np
import pandas as pd
import pytest

from fer_core.bench.copies import draw_waves
from fer_core.data.copies import choose_kept, find_groups, group_copies, mark_copies_in_train, report_copies


def table(rows):
    faces = pd.DataFrame(rows, columns=["sha256", "source", "subject", "expression", "split"])
    return faces.assign(copy_group=faces["sha256"])


FACES = table(
    [
        ("a", "x", "", "happy", "train"),
        ("a", "x", "", "sad", "test"),  # a copy of the first under another label
        ("b", "x", "s1", "happy", "train"),
        ("c", "x", "s1", "happy", "train"),  # the same subject as b
        ("c", "y", "", "happy", "val"),  # a copy of a face of that subject
        ("d", "y", "s1", "happy", "test"),  # another source's s1
        ("e", "x", "", "happy", "train"),  # like the first of a subject that nobody knows
    ]
)


def test_copies_and_subjects_are_joined_through_a_third():
    assert find_groups(FACES).tolist() == [0, 0, 1, 1, 1, 2, 3]


def test_only_faces_outside_training_are_marked():
    assert mark_copies_in_train(FACES).tolist() == [False, True, False, False, True, False, False]


def test_the_report_counts_sets_across_splits_and_contradictions():
    exact = {
        "groups": 2, "images": 4, "groups_across_splits": 2, "groups_with_contradicting_labels": 1,
        "test_faces_with_copy_in_train": 1,
    }  # fmt: skip
    assert report_copies(FACES, near=False).to_dict() == {**exact, "near": None}
    faces = FACES.assign(copy_group=[0, 0, 1, 2, 2, 1, 3])  # b and d are near copies
    near = {**exact, "groups": 3, "images": 6, "groups_across_splits": 3, "test_faces_with_copy_in_train": 2}
    assert report_copies(faces, near=True).to_dict() == {**exact, "near": {**near, "near": None}}


def test_near_copies_are_one_group_where_they_are_asked_for():
    wave = draw_waves(3, np.random.default_rng(0))
    faces = np.concatenate([wave, wave[:1], wave[1:2, :, ::-1], wave[1:2] // 2])
    sha256 = pd.Series(["a", "b", "c", "a", "d", "e"])
    assert group_copies(faces, np.arange(6), sha256, near=False).tolist() == [0, 1, 2, 0, 3, 4]
    assert group_copies(faces, np.arange(6), sha256, near=True).tolist() == [0, 1, 2, 0, 1, 1]


CHOICE = pd.DataFrame(
    [
        (0, "happy", "train"), (0, "sad", "test"), (0, "sad", "test"), (0, "sad", "val"),
        (1, "happy", "train"), (1, "happy", "val"), (1, "happy", "val"),
        (2, "happy", "train"), (2, "sad", "train"), (3, "happy", "train"),
    ],
    columns=["copy_group", "expression", "split"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        pytest.param("keep", list(range(10)), id="keep"),
        pytest.param("drop_surplus", [1, 2, 5, 7, 9], id="test faces, else the first of val, else the first of train"),
        pytest.param("drop_contradicting", [1, 2, 4, 5, 6, 9], id="no contradicting set but its test faces"),
    ],
)
def test_a_rule_says_which_copies_stay_and_no_test_face_goes(rule, kept):
    assert np.flatnonzero(choose_kept(CHOICE, rule)).tolist() == kept
