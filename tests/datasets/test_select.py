"""Faces by what is asked of them, each question apart and together."""

import numpy as np
import pandas as pd
import pytest

from fer_core.datasets.select import CHANGED, UNCHANGED, Wanted, list_changers, list_copies, list_flags, select_faces
from tests.helpers.face_table import TABLE
from tests.helpers.samples import make_dataset


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        pytest.param(Wanted(), [0, 1, 2, 3, 4], id="nothing"),
        pytest.param(Wanted(split="test"), [1, 4], id="split"),
        pytest.param(Wanted(expression="happy"), [1, 3], id="expression"),
        pytest.param(Wanted(source="b", split="test"), [4], id="source and split"),
        pytest.param(Wanted(label=CHANGED), [2, 3], id="changed"),
        pytest.param(Wanted(label=UNCHANGED), [0, 1, 4], id="unchanged"),
        pytest.param(Wanted(label="person:ann"), [3], id="changed by ann"),
        pytest.param(Wanted(copies="exact"), [0, 1], id="exact copies"),
        pytest.param(Wanted(copies="exact or near"), [0, 1, 2], id="near copies"),
        pytest.param(Wanted(copies="none"), [3, 4], id="no copies"),
        pytest.param(Wanted(copies="exact, in training"), [1], id="exact copy in training"),
        pytest.param(Wanted(copies="exact or near, in training"), [1, 2], id="near copy in training"),
        pytest.param(Wanted(flag="dark"), [1, 2], id="a flag, which is not a part of another's name"),
        pytest.param(Wanted(text="ONE"), [0, 2], id="text in either case"),
        pytest.param(Wanted(text=":o.e"), [], id="text is no pattern"),
    ],
)
def test_the_faces_that_fit_are_found(wanted, rows):
    assert select_faces(TABLE, wanted).tolist() == rows


@pytest.mark.parametrize(
    ("order", "rows"),
    [("by source", [0, 1, 2, 3, 4]), ("by label", [2, 1, 3, 4, 0]), ("copies together", [0, 1, 2, 3, 4])],
)
def test_they_come_in_the_order_asked_for(order, rows):
    assert select_faces(TABLE, Wanted(), order).tolist() == rows
    shuffled = TABLE.iloc[[3, 0, 4, 1, 2]].reset_index(drop=True)
    if order == "copies together":
        assert select_faces(shuffled, Wanted(), order).tolist() == [1, 3, 4, 0, 2]


def test_an_order_at_random_has_every_face_once_and_is_the_same_for_a_seed():
    drawn = [select_faces(TABLE, Wanted(), "at random", seed).tolist() for seed in (1, 1, 2)]
    assert sorted(drawn[0]) == [0, 1, 2, 3, 4]
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_can_be_asked_is_told_from_the_table():
    assert list_changers(TABLE) == ["person:ann", "votes"]
    assert list_flags(TABLE) == ["blurred", "dark", "very-dark"]
    assert "exact or near" in list_copies(TABLE)
    old = TABLE.drop(columns=["near_copy_in_train", "copy_group", "flags"])
    assert list_copies(old) == ["none", "exact", "exact, in training"]
    assert list_flags(old) == []
    assert select_faces(old, Wanted(copies="none")).tolist() == [2, 3, 4]


def test_the_table_of_an_assembled_data_set_answers_every_question(tmp_path):
    table = make_dataset(tmp_path).table
    before = table.copy()
    for copies in list_copies(table):
        n = len(select_faces(table, Wanted(copies=copies), "copies together"))
        assert n == (len(table) if copies == "none" else 0)
    assert np.array_equal(select_faces(table, Wanted(split="val")), np.flatnonzero(table["split"] == "val"))
    pd.testing.assert_frame_equal(table, before)
