import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.datasets.splits import check_rule, draw_split, split_faces
from fer_core.errors import InputError

SHARES = {"train": 0.8, "val": 0.1, "test": 0.1}


def table(n, n_groups, seed=0, usage=""):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "source": rng.choice(["a", "b"], n),
            "expression": rng.choice(["angry", "happy", "sad"], n),
            "usage": usage,
            "group": pd.factorize(rng.integers(0, n_groups, n))[0],
        }
    )


@given(n=st.integers(1, 300), n_groups=st.integers(1, 300), seed=st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_no_group_is_torn_whatever_the_groups(n, n_groups, seed):
    faces = table(n, n_groups, seed)
    faces["split"] = draw_split(faces, SHARES, seed)
    assert set(faces["split"]) <= set(SHARES)
    assert (faces.groupby("group")["split"].nunique() == 1).all()


def test_every_expression_of_every_source_is_shared_out_as_asked():
    faces = table(3000, 2500)
    faces["split"] = split_faces(faces, "80:10:10", 0)
    shares = pd.crosstab([faces["source"], faces["expression"]], faces["split"], normalize="index")
    assert np.abs(shares[["train", "val", "test"]].to_numpy() - [0.8, 0.1, 0.1]).max() < 0.02


def test_the_seed_decides_the_split():
    faces = table(200, 150)
    first, again, other = (split_faces(faces, "80:10:10", seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_official_keeps_the_usage_and_sends_other_sources_to_training():
    faces = table(6, 6)
    faces["source"] = ["main"] * 4 + ["other"] * 2
    faces["usage"] = ["train", "val", "test", "train", "", "test"]
    assert split_faces(faces, "official", 0).tolist() == ["train", "val", "test", "train", "train", "train"]


def test_official_draws_a_missing_validation_from_the_training():
    faces = table(400, 350, usage="train")
    faces["source"] = "main"
    faces.loc[:99, "usage"] = "test"
    split = split_faces(faces, "official", 0)
    assert (split[:100] == "test").all()
    assert 20 <= (split == "val").sum() <= 40


@pytest.mark.parametrize(("rule", "message"), [("official", "Choose the split 80:10:10"), ("half", "Choose one of")])
def test_a_rule_that_cannot_be_followed_says_what_to_choose(rule, message):
    with pytest.raises(InputError, match=message):
        split_faces(table(10, 10), rule, 0)


def test_the_source_left_out_is_the_whole_test_and_no_group_of_the_others_is_torn():
    faces = table(600, 400, usage="test")
    faces["group"] = pd.factorize(faces["source"] + faces["group"].astype(str))[0]
    split = split_faces(faces, "leave-out:b", 0)
    assert ((split == "test") == (faces["source"] == "b")).all()
    others = faces[split != "test"].assign(split=split[split != "test"])
    assert 0.05 < (others["split"] == "val").mean() < 0.15
    assert (others.groupby("group")["split"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("rule", "sources", "message"),
    [
        ("leave-out:c", ["a", "b"], "no source 'c' to test on. Choose one of a, b"),
        ("leave-out:", ["a", "b"], "no source '' to test on"),
        ("leave-out:a", ["a"], "leaves no faces to train on"),
        ("half", None, "Choose one of official, 80:10:10, or leave-out:SOURCE"),
    ],
)
def test_a_source_that_cannot_be_left_out_is_told_with_those_that_can(rule, sources, message):
    with pytest.raises(InputError, match=message):
        check_rule(rule, sources)
