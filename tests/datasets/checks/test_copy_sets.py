"""Sets of copies one by one, and the test faces that they give away."""

from fer_core.datasets.checks.copy_sets import count_leaks, list_sets
from tests.helpers.face_table import TABLE


def test_a_set_knows_its_faces_labels_and_splits():
    (found,) = list_sets(TABLE).itertuples()
    assert (found.n, found.first, found.n_labels, found.n_splits, found.exact) == (3, 0, 3, 3, False)


def test_where_no_near_copies_were_looked_for_a_set_holds_exact_ones():
    (found,) = list_sets(TABLE.drop(columns="copy_group")).itertuples()
    assert (found.n, found.n_labels, found.n_splits, found.exact) == (2, 2, 2, True)


def test_the_largest_set_comes_first():
    table = TABLE.assign(copy_group=[1, 1, 2, 2, 2])
    assert list_sets(table)["n"].tolist() == [3, 2]


def test_leaks_are_counted_among_the_test_faces_of_each_source_and_expression():
    assert [row.to_document() for row in count_leaks(TABLE)] == [
        {"source": "a", "expression": "happy", "n": 1, "exact": 1, "near": 1},
        {"source": "b", "expression": "sad", "n": 1, "exact": 0, "near": 0},
    ]
    assert count_leaks(TABLE.drop(columns="near_copy_in_train"))[0].near is None
