"""The Copies section: the sets of each kind with their faces, and what is said of them."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.data import copies
from dashboard.data.copies import KINDS
from fer_core.datasets.checks.copy_sets import list_sets
from tests.helpers.face_table import TABLE
from tests.helpers.pages import open_page
from tests.helpers.samples import make_dataset


def make_sets(tmp_path, *sets):
    """A data set in which the faces of each set, given by their rows, are exact copies of each other."""
    dataset = make_dataset(tmp_path)
    table = dataset.table
    for rows in sets:
        table.loc[rows, ["copy_group", "sha256"]] = table.loc[rows[0], ["copy_group", "sha256"]].tolist()
    table.to_parquet(dataset.path / "faces.parquet")
    return dataset


def open_copies(**query):
    return open_page("data", **{"data.section": "Copies", **query})


def shown_sets(app):
    """The titles of the sets in the gallery, and the labels of their faces."""
    chart = next(chart for chart in app.get("plotly_chart") if "data.sets." in chart.proto.id)
    _, faces, titles = json.loads(chart.proto.spec)["data"][:3]
    return titles["text"], [text.split("</b>")[0].removeprefix("<b>") for text in faces["text"]]


@pytest.mark.parametrize(
    ("kind", "sizes"),
    [
        ("contradicting labels", [3]),
        ("across splits", [3]),
        ("near copies", [3]),
        ("all, the largest first", [3, 2]),
    ],
)
def test_a_kind_has_the_sets_it_names(kind, sizes):
    groups = {"copy_group": [7, 7, 7, 2, 2], "sha256": ["x", "x", "y", "z", "z"]}
    split, expression = ["train", "test", "val", "train", "train"], ["sad", "fear", "sad", "sad", "sad"]
    sets = list_sets(TABLE.assign(split=split, expression=expression, **groups))
    assert sets[KINDS[kind](sets)]["n"].tolist() == sizes


@pytest.mark.parametrize(
    ("found", "line"),
    [
        ((2, True, 1, 1), "2 exact copies"),
        ((3, False, 2, 1), "3 faces, near copies among them · 2 different labels"),
        ((2, True, 1, 2), "2 exact copies · in 2 splits"),
    ],
)
def test_a_set_is_described_by_its_size_and_what_differs_in_it(found, line):
    names = ("n", "exact", "n_labels", "n_splits")
    assert copies._describe(SimpleNamespace(**dict(zip(names, found, strict=True)))) == line


def test_faces_that_differ_stand_first_in_their_set(tmp_path):
    dataset = make_dataset(tmp_path)
    dataset.table.loc[[0, 1, 2, 3], "expression"] = ["sad", "sad", "sad", "fear"]
    assert copies._put_different_first(dataset, np.arange(4)).tolist() == [0, 3, 1, 2]


def test_the_sets_come_page_by_page_and_another_kind_begins_with_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(copies, "N_SETS", 2)
    dataset = make_sets(tmp_path, [0, 1], [2, 3], [4, 5])
    labels = dataset.table["expression"].tolist()
    app = open_copies()
    assert any("**3 sets**, 6 faces" in text.value for text in app.markdown)
    assert shown_sets(app) == (["2 exact copies · 2 different labels"] * 2, labels[:4])
    app = open_copies(**{"data.set": "2", "face": dataset.table["face_id"].iloc[4]})
    assert shown_sets(app)[1] == labels[4:6]
    app.segmented_control(key="data.set_kind").set_value("all, the largest first").run()
    assert app.session_state["data.set"] == 1 and "face" not in app.query_params
    assert shown_sets(app)[1] == labels[:4]


def test_a_data_set_without_copies_says_so_and_draws_nothing(tmp_path):
    make_dataset(tmp_path)
    app = open_copies()
    assert [info.value for info in app.info] == ["No face of this data set has a copy."]
    assert not app.get("plotly_chart")


def test_a_leak_by_a_near_copy_is_drawn(tmp_path):
    dataset = make_sets(tmp_path, [0, 1])
    dataset.table.loc[dataset.rows("test")[0], "near_copy_in_train"] = True
    dataset.table.to_parquet(dataset.path / "faces.parquet")
    app = open_copies()
    assert not app.success
    assert any("data.leaks" in chart.proto.id for chart in app.get("plotly_chart"))


def test_near_copies_are_not_denied_where_they_were_not_looked_for(tmp_path):
    dataset = make_sets(tmp_path, [0, 1])
    dataset.table.drop(columns=["copy_group", "near_copy_in_train"]).to_parquet(dataset.path / "faces.parquet")
    (told,) = (text.value for text in open_copies().success)
    assert told == "None has an exact copy there; near copies were not searched for."
