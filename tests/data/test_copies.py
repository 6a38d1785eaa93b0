import pandas as pd

from fer_core.data.copies import find_groups, mark_copies_in_train, report_copies


def table(rows):
    return pd.DataFrame(rows, columns=["sha256", "source", "subject", "expression", "split"])


FACES = table(
    [
        ("a", "x", "", "happy", "train"),
        ("a", "x", "", "sad", "test"),  # a copy of the first under another label
        ("b", "x", "s1", "happy", "train"),
        ("c", "x", "s1", "happy", "train"),  # the same subject as b
        ("c", "y", "", "happy", "val"),  # a copy of a face of that subject
        ("d", "y", "s1", "happy", "test"),  # another source's s1
    ]
)


def test_copies_and_subjects_are_joined_through_a_third():
    assert find_groups(FACES).tolist() == [0, 0, 1, 1, 1, 2]


def test_only_faces_outside_training_are_marked():
    assert mark_copies_in_train(FACES).tolist() == [False, True, False, False, True, False]


def test_the_report_counts_sets_across_splits_and_contradictions():
    faces = FACES.assign(copy_in_train=mark_copies_in_train(FACES))
    assert report_copies(faces).to_dict() == {
        "groups": 2, "images": 4, "groups_across_splits": 2, "groups_with_contradicting_labels": 1,
        "test_faces_with_copy_in_train": 1,
    }  # fmt: skip
