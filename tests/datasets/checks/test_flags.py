from pathlib import Path

import numpy as np
import pytest

from fer_core.base.files import write_json
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.checks.flags import describe_flagged, leave_out_flagged, list_flagged
from fer_core.datasets.counts import FlagCount, Quality
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from tests.helpers.samples import change, write_flagged

TWO = ("dark", "blurred")


@pytest.fixture
def sources(tmp_path):
    return (("fer2013", str(write_flagged(tmp_path / "source"))),)


def left_out(dataset):
    return dataset.info.quality.left_out.to_document()


def test_flags_are_counted_by_source_and_split_and_leave_every_face_where_it_is(sources):
    dataset = assemble(DatasetRecipe("whole", sources=sources))
    assert [(row.flag, row.source, row.split, row.n) for row in dataset.info.quality.counts] == [
        ("constant", "fer2013", "train", 1),
        ("dark", "fer2013", "train", 2),
        ("dark", "fer2013", "val", 1),
        ("dark", "fer2013", "test", 1),
        ("blurred", "fer2013", "train", 1),
        ("not-a-face", "fer2013", "train", 1),
    ]
    assert dataset.info.quality.n_flagged == 6
    assert left_out(dataset) == {"n": 0, "n_held_back": 0, "by_flag": {}}
    assert dataset.info.n == 42


def test_flagged_training_faces_are_left_out_and_those_that_scores_rest_on_stay(sources):
    whole, fewer = (
        assemble(DatasetRecipe("whole", sources=sources)),
        assemble(DatasetRecipe("fewer", sources=sources, leave_out=TWO)),
    )
    assert left_out(fewer) == {"n": 2, "n_held_back": 2, "by_flag": {"dark": 2, "blurred": 1}}
    assert fewer.info.n == whole.info.n - left_out(fewer)["n"] == len(fewer.table)
    assert fewer.info.splits == {**whole.info.splits, "train": whole.info.splits["train"] - 2}
    gone = set(whole.table["face_id"]) - set(fewer.table["face_id"])
    assert gone == {"fer2013:row 2", "fer2013:row 3"}
    assert np.array_equal(fewer.faces, np.delete(np.array(whole.faces), [1, 2], 0))


def test_all_flagged_faces_are_left_out_where_every_split_may_change(sources):
    fewer = assemble(DatasetRecipe("fewer", sources=sources, leave_out=TWO, relabel="all"))
    assert left_out(fewer) == {"n": 4, "n_held_back": 0, "by_flag": {"dark": 4, "blurred": 1}}
    assert not any(row.flag in TWO for row in fewer.info.quality.counts)


def test_a_test_face_whose_only_copy_in_training_is_left_out_has_none_any_more(sources):
    path = Path(sources[0][1])
    header, *lines = path.read_text().splitlines()
    lines[14] = lines[14].split(",")[0] + "," + lines[1].split(",")[1] + ",PrivateTest"
    path.write_text("\n".join([header, *lines]) + "\n")
    assert assemble(DatasetRecipe("whole", sources=sources)).table["copy_in_train"].sum() == 1
    assert not assemble(DatasetRecipe("fewer", sources=sources, leave_out=("dark",))).table["copy_in_train"].any()


def test_the_recipe_comes_back_from_its_document_and_from_one_of_before(sources):
    dataset = assemble(DatasetRecipe("fewer", sources=sources, leave_out=TWO))
    assert read_recipe(dataset.info.recipe).leave_out == TWO
    old = {name: value for name, value in dataset.info.recipe.to_document().items() if name != "leave_out"}
    assert read_recipe(old) == DatasetRecipe("fewer", sources=sources)


def test_an_unknown_flag_and_flags_that_leave_no_face_are_refused(sources):
    with pytest.raises(InputError, match=r"Unknown flag bright: choose from constant, dark, blurred"):
        DatasetRecipe("x", sources=sources, leave_out=("dark", "bright"))
    dataset = assemble(DatasetRecipe("whole", sources=sources))
    with pytest.raises(InputError, match="Unknown flag bright"):
        list_flagged(dataset, "bright")
    with pytest.raises(InputError, match=r"Every face .* Exclude fewer flags"):
        leave_out_flagged(list_flagged(dataset, "dark"), ("dark",), "all")


def test_flagged_faces_are_listed_the_worst_first(sources):
    dataset = assemble(DatasetRecipe("whole", sources=sources))
    dark = list_flagged(dataset, "dark")
    assert sorted(dark.index) == [1, 2, 7, 14]
    assert dark["brightness"].is_monotonic_increasing
    assert list_flagged(dataset, "dark", "test").index.tolist() == [14]
    assert list_flagged(dataset, "not-a-face")["face_id"].tolist() == ["fer2013:row 4"]
    assert list_flagged(dataset, "tiny").empty


def test_a_data_set_of_before_says_how_to_have_it_measured(sources):
    dataset = assemble(DatasetRecipe("old", sources=sources))
    write_json(dataset.path / "dataset.json", change(dataset.info, quality=None).to_document())
    with pytest.raises(InputError, match=r"did not measure faces.* fer data again old\."):
        list_flagged(open_dataset("old"), "dark")


def test_flags_that_overlap_are_said_to():
    counts = [FlagCount(flag=flag, source="a", split="train", n=n) for flag, n in (("dark", 900), ("blurred", 334))]
    told = describe_flagged(5_000, Quality(n_flagged=1_200, counts=counts))
    assert told == "Flagged: 1,200 of 5,000 faces, with 1,234 flags (a face can have several)."
    assert describe_flagged(1, Quality(n_flagged=334, counts=counts[1:])) == "Flagged: 334 of 1 face."
    assert describe_flagged(9, Quality()) == "No faces are flagged."
