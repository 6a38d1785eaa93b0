import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.datasets.assembling.again import assemble_again
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.checks.balance import Limits, choose_within, count_training, limit_training, parse_cap
from fer_core.errors import InputError
from tests.helpers.samples import write_affectnet, write_ckplus, write_fer2013


def faces(n, seed=0, n_groups=None):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "face_id": [f"face {i}" for i in range(n)],
            "source": rng.choice(["a", "b", "c"], n),
            "expression": rng.choice(["angry", "happy", "sad"], n, p=[0.6, 0.3, 0.1]),
            "split": rng.choice(["train", "val", "test"], n, p=[0.7, 0.1, 0.2]),
            "copy_group": rng.integers(0, n_groups or n, n),
        }
    )


def kept_ids(table, limits, seed=0):
    return set(table.loc[choose_within(table, limits, seed), "face_id"])


TABLES = {"n": st.integers(0, 300), "seed": st.integers(0, 99), "cap": st.integers(1, 60)}


@given(**TABLES)
@settings(max_examples=60, deadline=None)
def test_a_cap_leaves_so_many_of_each_class_or_all_and_touches_nothing_else(n, seed, cap):
    table = faces(n, seed)
    stays = choose_within(table, Limits(caps=(("a", cap),)), seed)
    assert stays[(table["split"] != "train").to_numpy()].all()
    assert stays[(table["source"] != "a").to_numpy()].all()
    whole, kept = count_training(table), count_training(table[stays])
    assert all(kept["a", e] == min(cap, n) for (source, e), n in whole.items() if source == "a")


@given(**TABLES)
@settings(max_examples=60, deadline=None)
def test_a_balanced_source_has_as_many_of_every_class_that_it_has_at_all(n, seed, cap):
    table = faces(n, seed)
    stays = choose_within(table, Limits((("a", cap),), ("b",)), seed)
    kept = count_training(table[stays])
    present = {e: n for (source, e), n in count_training(table).items() if source == "b" and n}
    assert all(kept["b", e] == min(present.values()) for e in present)
    assert stays[(table["split"] != "train").to_numpy() | (table["source"] == "c").to_numpy()].all()


@given(**TABLES)
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_faces_does_not_matter(n, seed, cap):
    table, limits = faces(n, seed, n_groups=40), Limits((("a", cap),), ("c",))
    shuffled = table.sample(frac=1, random_state=seed)
    assert kept_ids(shuffled, limits, seed) == kept_ids(table, limits, seed)


def test_the_choice_is_the_same_on_any_machine_and_another_with_another_seed():
    table = faces(12).assign(source="a", split="train", expression="happy")
    limits = Limits(caps=(("a", 4),))
    assert sorted(kept_ids(table, limits)) == ["face 0", "face 1", "face 10", "face 5"]
    assert kept_ids(table, limits) != kept_ids(table, limits, seed=1)


def test_a_few_faces_more_change_the_choice_by_a_few():
    table, limits = faces(2010).assign(source="a", split="train", expression="happy"), Limits(caps=(("a", 500),))
    assert len(kept_ids(table, limits) & kept_ids(table[:2000], limits)) >= 490


def test_a_further_copy_goes_before_any_face_is_lost():
    table = faces(30).assign(source="a", split="train", expression="happy", copy_group=np.arange(30) // 3)
    stays = choose_within(table, Limits(caps=(("a", 10),)), 0)
    assert table[stays]["copy_group"].nunique() == stays.sum() == 10


def test_a_copy_under_another_label_is_no_further_copy():
    table = faces(40).assign(source="a", split="train", expression=["happy", "sad"] * 20, copy_group=np.arange(40))
    shared = table.assign(copy_group=np.where(table["copy_group"] < 20, table["copy_group"] // 2, table["copy_group"]))
    limits = Limits(caps=(("a", 12),))
    assert kept_ids(shared, limits) == kept_ids(table, limits)


@given(**TABLES)
@settings(max_examples=30, deadline=None)
def test_the_counts_of_before_and_after_add_up(n, seed, cap):
    split = faces(n, seed)
    labelled = split.assign(expression=faces(n, seed + 1)["expression"])[: n - n // 5]
    kept, report = limit_training(labelled, count_training(split), Limits((("a", cap),), ("b",)), seed)
    totals = {stage: sum(getattr(row, stage) for row in report.counts) for stage in ("n_read", "n_before", "n_after")}
    assert totals == {
        stage: (table["split"] == "train").sum()
        for stage, table in (("n_read", split), ("n_before", labelled), ("n_after", kept))
    }
    assert report.n_left_out == totals["n_before"] - totals["n_after"]
    assert all(row.n_after <= row.n_before for row in report.counts)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        pytest.param({"caps": (("a", 0),)}, "The cap of a is 0. Give a number of faces per class", id="zero"),
        pytest.param({"caps": (("a", 5),), "balance": ("a",)}, "a has two limits. Give it one", id="cap and balance"),
        pytest.param({"caps": (("a", 5), ("a", 6))}, "a has two limits", id="two caps"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_with_the_recipe(limits, message):
    with pytest.raises(InputError, match=message):
        DatasetRecipe("x", sources=(("auto", "p"),), **limits)


@pytest.mark.parametrize("text", ["affectnet", "=3", "affectnet=", "affectnet=-3", "affectnet=many", "affectnet=²"])
def test_a_cap_that_is_none_says_how_to_write_one(text):
    with pytest.raises(InputError, match=r"Write SOURCE=FACES, for example affectnet=3000"):
        parse_cap(text)


@pytest.fixture
def joined(tmp_path):
    sources = (
        ("fer2013", str(write_fer2013(tmp_path / "f", n_per_class=9))),
        ("ckplus", str(write_ckplus(tmp_path / "c"))),
        ("affectnet", str(write_affectnet(tmp_path / "a"))),
    )
    return DatasetRecipe("joined", sources=sources, caps=(("ckplus", 2),), balance=("fer2013",))


def test_an_unknown_source_names_those_that_there_are(joined):
    with pytest.raises(InputError, match=r"no source 'jaffe' to cap or balance. Choose one of fer2013, ckplus, aff"):
        assemble(DatasetRecipe("x", sources=joined.sources, caps=(("jaffe", 3),)))


def test_an_assembled_set_keeps_its_scored_faces_its_pixels_and_what_was_left_out(joined):
    whole, limited = assemble(DatasetRecipe("whole", sources=joined.sources)), assemble(joined)
    for split in ("val", "test"):
        assert limited.info.splits[split] == whole.info.splits[split]
    assert limited.info.balance.n_left_out == len(whole.table) - len(limited.table) == 3
    places = {face_id: row for row, face_id in enumerate(whole.table["face_id"])}
    rows = [places[face_id] for face_id in limited.table["face_id"]]
    assert np.array_equal(limited.faces, whole.faces[rows])
    after = {(row.source, row.expression): row.n_after for row in limited.info.balance.counts}
    training = [row for row in limited.info.counts if row.split == "train"]
    assert {key: n for key, n in after.items() if n} == {(row.source, row.expression): row.n for row in training}


def test_a_test_face_whose_copy_was_left_out_is_no_longer_marked(tmp_path):
    path = write_fer2013(tmp_path, n_per_class=9)
    lines = path.read_text().splitlines()
    tests = [line for line in lines if line.endswith("PrivateTest") and line.startswith("3")]
    path.write_text("\n".join([*lines, *(line.replace("PrivateTest", "Training") for line in tests)]) + "\n")
    sources = (("fer2013", str(path)),)
    whole = assemble(DatasetRecipe("whole", sources=sources)).table
    limited = assemble(DatasetRecipe("limited", sources=sources, caps=(("fer2013", 1),))).table
    assert whole["copy_in_train"].sum() == 3
    seen = set(limited.loc[limited["split"] == "train", "sha256"])
    assert limited["copy_in_train"].tolist() == [
        split == "test" and sha256 in seen for split, sha256 in zip(limited["split"], limited["sha256"], strict=True)
    ]
    assert limited["copy_in_train"].sum() < 3


def test_limits_survive_the_file_and_another_assembly(joined):
    first = assemble(joined)
    assert read_recipe(json.loads((first.path / "dataset.json").read_text())["recipe"]) == joined
    assert assemble_again("joined").info.fingerprint == first.info.fingerprint
