"""What a rule for copies takes from the sources, said beforehand and done."""

import pandas as pd
import pytest

from fer_core.datasets.checks.copies import COPY_RULES
from fer_core.datasets.checks.copy_rules import count_taken, place_faces
from fer_core.errors import InputError

# a, b: sources; a has a split of its own. Faces of one number are copies.
ROWS = [
    ("a", "happy", "train", 0), ("a", "happy", "val", 0), ("a", "happy", "test", 1), ("b", "happy", "", 1),
    ("a", "sad", "train", 2), ("b", "happy", "", 2), ("b", "sad", "", 3), ("a", "sad", "train", 4),
]  # fmt: skip
READ = pd.DataFrame(ROWS, columns=["source", "expression", "usage", "copy_group"]).assign(
    subject="", linked=lambda t: t["copy_group"]
)


def counts(split):
    return {(row.rule, row.source): row.n for row in count_taken(READ, split, 0)}


def test_what_each_rule_takes_is_counted_by_source():
    assert counts("official") == {
        ("keep", "a"): 0, ("keep", "b"): 0,
        ("drop_surplus", "a"): 1, ("drop_surplus", "b"): 2,
        ("drop_contradicting", "a"): 1, ("drop_contradicting", "b"): 1,
        ("drop_leaks", "a"): 1, ("drop_leaks", "b"): 1,
    }  # fmt: skip


def test_leaks_are_dropped_after_the_split_which_stays_as_it_was():
    kept, dropped = (place_faces(READ, rule, "official", 0) for rule in ("keep", "drop_leaks"))
    assert sorted(set(kept.index) - set(dropped.index)) == [0, 3]
    assert (kept.loc[dropped.index, "split"] == dropped["split"]).all()


def test_a_drawn_split_has_no_leaks_to_drop():
    faces = pd.concat([READ] * 30, ignore_index=True).assign(
        copy_group=range(240), linked=lambda t: t["copy_group"] // 2
    )
    assert len(place_faces(faces, "drop_leaks", "80:10:10", 0)) == 240


def test_of_a_source_that_is_left_out_the_copies_in_the_others_are_dropped():
    faces = pd.concat([READ] * 20, ignore_index=True).assign(copy_group=range(160), linked=range(160))
    faces.loc[[0, 3], "linked"] = 3  # a face of a, the training, and one of b, the test
    assert place_faces(faces, "keep", "leave-out:b", 0).loc[0, "split"] == "train"
    kept = place_faces(faces, "drop_leaks", "leave-out:b", 0)
    assert set(faces.index) - set(kept.index) == {0}


def test_a_rule_that_leaves_nothing_to_train_on_is_refused_and_has_no_count():
    faces = READ[READ["copy_group"].isin([0, 1])]
    with pytest.raises(InputError, match="Every training face has a copy"):
        place_faces(faces, "drop_leaks", "official", 0)
    assert [row.n for row in count_taken(faces, "official", 0)[-2:]] == [None, None]
    assert list(dict.fromkeys(row.rule for row in count_taken(READ, "official", 0))) == list(COPY_RULES)
