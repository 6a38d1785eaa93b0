import pandas as pd
import pytest

from fer_core.datasets.corrections.log import DROP, Correction
from fer_core.datasets.corrections.overlay import Rules, lay_over
from fer_core.datasets.info import KeptRecipe
from fer_core.errors import InputError
from fer_core.sources.records import MAJORITY


@pytest.fixture
def table():
    """Three training faces and a test face, all labelled sad."""
    return pd.DataFrame(
        {
            "face_id": ["a:1", "a:2", "a:3", "a:4"],
            "sha256": ["p1", "p2", "p3", "p4"],
            "source": "a",
            "split": ["train", "train", "train", "test"],
            "original_expression": "sad",
        }
    )


def say(number, expression, kind="person", **values):
    return Correction(
        face_id=f"a:{number}", sha256=f"p{number}", expression=expression, before="sad", kind=kind, who="ann", **values
    )


def expressions(table, *corrections, **rules):
    return lay_over(table, Rules(**rules), corrections).expression.tolist()


def test_without_corrections_a_face_is_called_what_its_source_calls_it(table):
    overlay = lay_over(table, Rules(), [])
    assert overlay.expression.tolist() == ["sad"] * 4
    assert overlay.label_from.tolist() == ["a"] * 4
    assert (overlay.changes.n_changed, overlay.changes.by_kind) == (0, ())


def test_the_last_correction_of_a_face_wins_whatever_its_kind(table):
    said = [say(1, "happy"), say(1, "fear", "pseudo", why="f.csv"), say(2, "fear", "pseudo"), say(2, "happy")]
    assert expressions(table, *said) == ["fear", "happy", "sad", "sad"]
    assert expressions(table, *said[::-1]) == ["happy", "fear", "sad", "sad"]


def test_a_label_says_where_it_comes_from(table):
    said = [say(1, "happy"), say(2, "fear", "pseudo", why="f, 2.csv"), say(3, "fear", "confident-learning", why="k")]
    assert lay_over(table, Rules(), said).label_from.tolist() == [
        "person:ann", "pseudo:f, 2.csv", "confident-learning", "a",
    ]  # fmt: skip


def test_the_changes_are_counted_by_kind_and_class(table):
    said = [say(1, "happy"), say(2, DROP), say(3, "fear", "pseudo", why="f.csv")]
    changes = lay_over(table, Rules(), said).changes
    assert (changes.n_changed, changes.n_dropped) == (2, 1)
    assert changes.to_document()["by_kind"] == [
        {"kind": "person", "changed": 1, "dropped": 1}, {"kind": "pseudo", "changed": 1, "dropped": 0},
    ]  # fmt: skip
    assert changes.to_document()["from_to"] == [{"from": "sad", "to": to, "n": 1} for to in ("fear", "happy", "drop")]


def test_a_label_that_is_confirmed_is_no_change(table):
    overlay = lay_over(table, Rules(), [say(1, "sad")])
    assert (overlay.label_from[0], overlay.changes.n_changed) == ("person:ann", 0)


def test_a_test_face_is_changed_only_where_all_are_to_be_relabelled(table):
    held = lay_over(table, Rules(), [say(4, "happy")])
    assert (held.expression[3], held.label_from[3], held.changes.n_held_back) == ("sad", "a", 1)
    assert expressions(table, say(4, "happy"), relabel="all")[3] == "happy"


def test_a_face_under_another_name_is_found_by_its_pixels_and_so_are_its_copies(table):
    renamed = table.assign(face_id=["b:9", "b:8", "b:7", "b:6"], sha256=["p1", "p1", "p3", "p4"])
    assert expressions(renamed, say(1, "happy")) == ["happy", "happy", "sad", "sad"]


def test_a_copy_of_a_face_that_is_found_by_its_name_keeps_its_label(table):
    assert expressions(table.assign(sha256=["p1", "p1", "p3", "p4"]), say(1, "happy")) == ["happy", "sad", "sad", "sad"]


def test_another_face_of_the_same_name_is_not_meant(table):
    overlay = lay_over(table.assign(sha256=["q1", "q2", "q3", "q4"]), Rules(), [say(1, "happy")])
    assert overlay.expression.tolist() == ["sad"] * 4
    assert overlay.changes.n_not_found == 1


@pytest.mark.parametrize(
    ("majority", "rules", "expected"),
    [
        ("happy", {"labels": "votes"}, "happy"),
        ("tie", {"labels": "votes"}, "sad"),
        ("unknown", {"labels": "votes"}, "sad"),
        ("contempt", {"labels": "votes"}, DROP),
        (None, {"labels": "votes", "drop": ("unknown",)}, "sad"),
        ("not-a-face", {"drop": ("unknown", "not-a-face")}, DROP),
        ("contempt", {"drop": ("unknown",)}, "sad"),
        ("happy", {"drop": ("unknown",)}, "sad"),
    ],
)
def test_a_majority_of_votes_renames_or_drops_as_the_rules_say(table, majority, rules, expected):
    voted = table.assign(**{MAJORITY: [majority, "sad", "sad", majority]})
    overlay = lay_over(voted, Rules(**rules), [])
    assert overlay.expression.tolist() == [expected, "sad", "sad", "sad"]  # the test face is held back
    assert expressions(voted, **rules, relabel="all")[3] == expected


def test_a_correction_wins_over_the_votes(table):
    voted = table.assign(**{MAJORITY: ["happy", "contempt", "sad", "sad"]})
    assert expressions(voted, say(1, "fear"), say(2, "sad"), labels="votes") == ["fear", "sad", "sad", "sad"]


def test_votes_that_nobody_gave_cannot_be_gone_by(table):
    with pytest.raises(InputError, match="No source has votes"):
        lay_over(table, Rules(labels="votes"), [])


@pytest.mark.parametrize("wrong", [{"labels": "x"}, {"drop": ("x",)}, {"relabel": "test"}])
def test_unknown_rules_are_refused(wrong):
    with pytest.raises(InputError, match="choose"):
        Rules(**wrong)


@pytest.mark.parametrize("recipe", [{}, {"relabel": "train"}, {"relabel": "all"}])
@pytest.mark.parametrize("row", [0, 3])
def test_what_is_told_to_be_held_back_is_held_back(table, recipe, row):
    kept = expressions(table, say(row + 1, "fear"), **recipe)[row] == "sad"
    assert KeptRecipe(**recipe).holds_back(table["split"].iloc[row]) == kept
