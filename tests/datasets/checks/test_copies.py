import numpy as np
import pandas as pd
import pytest

from fer_core.datasets.checks.copies import choose_kept, find_groups, mark_copies_in_train, report_copies


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
    assert report_copies(FACES, near=False).to_document() == {**exact, "near": None}
    faces = FACES.assign(copy_group=[0, 0, 1, 2, 2, 1, 3])  # b and d are near copies
    near = {**exact, "groups": 3, "images": 6, "groups_across_splits": 3, "test_faces_with_copy_in_train": 2}
    assert report_copies(faces, near=True).to_document() == {**exact, "near": {**near, "near": None}}


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
        pytest.param(
            "drop_leaks", [1, 2, 3, 5, 6, 7, 8, 9], id="no training face with a copy elsewhere, and none else"
        ),
    ],
)
def test_a_rule_says_which_copies_stay_and_no_test_face_goes(rule, kept):
    assert np.flatnonzero(choose_kept(CHOICE, rule)).tolist() == kept


LINKED = pd.DataFrame(  # 0 and 1 are frames of one person, and both near copies of the test face 2
    [(0, 0, "happy", "train"), (1, 0, "sad", "train"), (0, 0, "happy", "test"), (2, 1, "sad", "train")],
    columns=["copy_group", "linked", "expression", "split"],
)


@pytest.mark.parametrize("rule", ["drop_surplus", "drop_leaks"])
def test_a_training_face_goes_when_it_is_linked_with_a_test_face_outside_its_set(rule):
    assert np.flatnonzero(choose_kept(LINKED, rule)).tolist() == [2, 3]


def test_faces_that_are_linked_outside_their_sets_leak_and_stay_together_and_do_not_contradict():
    faces = LINKED.assign(sha256=list("abcd"), source="x", subject="")
    assert find_groups(faces).tolist() == [0, 0, 0, 1]
    report = report_copies(faces.assign(split=["train", "train", "test", "train"]), near=True).near
    assert (report.groups, report.images, report.groups_with_contradicting_labels) == (1, 2, 0)
    only_linked = faces.assign(split=["test", "train", "test", "train"])
    assert report_copies(only_linked, near=True).near.test_faces_with_copy_in_train == 2
