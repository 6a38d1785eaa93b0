import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.datasets.folds import deal_folds, leave_out
from fer_core.errors import InputError


def table(n, n_groups, seed=0):
    rng = np.random.default_rng(seed)
    group = rng.integers(0, n_groups, n)
    return pd.DataFrame(
        {
            "source": rng.choice(["a", "b"], n),
            "expression": rng.choice(["angry", "happy", "sad"], n),
            "split": rng.choice(["train", "val", "test"], n, p=[0.7, 0.2, 0.1]),
            "group": pd.factorize(group)[0],
            "sha256": group.astype(str),
            "copy_group": group // 2,
        }
    )


@given(n=st.integers(60, 300), n_groups=st.integers(40, 300), seed=st.integers(0, 9), folds=st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_every_face_but_the_tests_is_in_one_part_and_no_group_is_in_two(n, n_groups, seed, folds):
    faces = table(n, n_groups, seed)
    faces["part"] = deal_folds(faces, folds)
    assert ((faces["part"] == -1) == (faces["split"] == "test")).all()
    dealt = faces[faces["split"] != "test"]
    assert set(dealt["part"]) == set(range(folds))
    assert (dealt.groupby("group")["part"].nunique() == 1).all()


def test_every_part_has_its_share_of_every_expression_of_every_source():
    faces = table(4000, 3500)
    faces["part"] = deal_folds(faces, 5)
    dealt = faces[faces["split"] != "test"]
    shares = pd.crosstab([dealt["source"], dealt["expression"]], dealt["part"], normalize="index")
    assert np.abs(shares.to_numpy() - 0.2).max() < 0.02


def test_the_parts_are_the_same_on_any_machine():
    dealt = [1, 1, -1, 1, 0, 0, 2, 0, 2, 1, 1, 2, 2, 0, 2, 1, 1, 2, 0, 2, 1, 1, 2, 0]
    assert deal_folds(table(24, 18), 3).tolist() == dealt


def test_too_few_groups_for_the_parts_say_what_to_choose():
    with pytest.raises(InputError, match=r"3 groups of faces are too few for 5 parts. Choose fewer folds"):
        deal_folds(table(40, 3).assign(split="train"), 5)


def test_what_is_left_out_is_the_validation_and_copies_are_marked_for_the_fold():
    faces = table(200, 120)
    parts = deal_folds(faces, 4)
    dealt = leave_out(faces, 4, 1)
    assert (dealt["split"] == np.where(parts < 0, "test", np.where(parts == 1, "val", "train"))).all()
    in_training = set(faces.loc[(parts >= 0) & (parts != 1), "sha256"])
    expected = [part == -1 and sha in in_training for part, sha in zip(parts, faces["sha256"], strict=True)]
    assert dealt["copy_in_train"].tolist() == expected
    assert any(expected)
    assert expected != leave_out(faces, 4, 2)["copy_in_train"].tolist()
    assert "copy_in_train" not in faces
    assert dealt["near_copy_in_train"].sum() > dealt["copy_in_train"].sum()
    old = leave_out(faces.drop(columns="copy_group"), 4, 1)  # assembled before near copies were looked for
    assert old["copy_in_train"].tolist() == expected
    assert "near_copy_in_train" not in old
