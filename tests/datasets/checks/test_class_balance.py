from dataclasses import asdict

import pytest

from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.checks.class_balance import STAGES, describe_balance
from fer_core.datasets.class_weights import WEIGHTINGS
from tests.helpers.samples import make_dataset, make_info, write_ckplus, write_fer2013

COUNTS = {("a", "angry"): (70, 60, 50), ("a", "happy"): (30, 30, 30), ("b", "happy"): (20, 20, 20)}


def info(n_after=50):
    rows = [
        {"source": source, "expression": expression, **dict(zip(STAGES, stages, strict=True))}
        for (source, expression), stages in COUNTS.items()
    ]
    rows[0]["n_after"] = n_after
    return make_info(balance={"n_left_out": 10, "counts": rows})


def test_shares_and_weights_by_class_are_those_worked_by_hand():
    found = describe_balance(info())
    angry, happy = found.classes[0], found.classes[3]
    assert (found.n, found.n_left_out) == (100, 10)
    assert (angry.stages, angry.share) == ((70, 60, 50), 0.5)
    assert (happy.stages, happy.share) == ((50, 50, 50), 0.5)
    assert angry.weights == pytest.approx(dict.fromkeys(WEIGHTINGS, 1))
    assert asdict(found.classes[1]) == {
        "expression": "disgust", "n_read": 0, "n_before": 0, "n_after": 0, "share": 0, "effective_number": 0,
        "weights": dict.fromkeys(WEIGHTINGS, 0),
    }  # fmt: skip


def test_a_source_has_the_share_that_its_classes_give_it():
    # angry weighs 200 / 2 / 150 then, happy 200 / 2 / 50
    a, b = describe_balance(info(n_after=150)).sources
    assert a.shares["none"] == pytest.approx(0.9)
    assert a.shares["class_weights"] == pytest.approx((150 * 2 / 3 + 30 * 2) / 200)
    for weighting in WEIGHTINGS:
        assert a.shares[weighting] + b.shares[weighting] == pytest.approx(1)


def test_the_share_of_each_class_that_each_source_brings_is_told():
    shares = {(cell.source, cell.expression): cell.share for cell in describe_balance(info()).cells}
    assert shares == {("a", "angry"): 1, ("a", "happy"): 0.6, ("b", "happy"): 0.4}


def test_a_data_set_of_before_there_were_limits_has_its_weights_and_no_before(tmp_path):
    made = make_dataset(tmp_path).info
    new, found = describe_balance(made), describe_balance(made.model_copy(update={"balance": None}))
    assert [c.weights for c in found.classes] == [c.weights for c in new.classes]
    assert {n for c in found.classes for n in (c.n_read, c.n_before)} == {None}
    assert found.sources[0].n_read is None


def test_a_source_without_training_faces_has_a_share_of_nothing(tmp_path):
    sources = (("fer2013", str(write_fer2013(tmp_path))), ("ckplus", str(write_ckplus(tmp_path))))
    left_out = assemble(DatasetRecipe("x", sources=sources, split="leave-out:ckplus", caps=(("ckplus", 1),)))
    assert left_out.info.splits["test"] == 9
    assert set(describe_balance(left_out.info).sources[1].shares.values()) == {0}
