"""`dataset.json` as a model: documents of earlier and of newer versions."""

import json
from dataclasses import asdict, fields

import pytest

from fer_core.base.files import write_json
from fer_core.datasets.assembling.recipe import DatasetRecipe, read_recipe
from fer_core.datasets.dataset import open_dataset
from fer_core.datasets.info import VERSION, DatasetInfo, KeptRecipe, upgrade
from fer_core.errors import InputError
from tests.helpers.samples import make_dataset

LEAST = {
    "name": "old", "n": 1, "size_px": 48, "splits": {"train": 1, "val": 0, "test": 0}, "fingerprint": "f",
    "recipe": {"name": "old", "sources": [["fer2013", "/faces"]], "split": "official", "size": 48, "seed": 0},
}  # fmt: skip


def test_a_document_of_before_there_were_versions_opens_and_says_what_was_never_counted():
    info = DatasetInfo.model_validate({**LEAST, "left_out": [{"source": "a", "split": "", "reason": "leak", "n": 1}]})
    assert (info.quality, info.balance, info.copies.near, info.labels.n_changed) == (None, None, None, 0)
    assert info.left_out[0].reason == "copy in validation or test"
    assert read_recipe(info.recipe) == DatasetRecipe("old", sources=(("fer2013", "/faces"),))
    assert DatasetInfo.model_validate(LEAST).left_out is None
    assert upgrade(LEAST)["version"] == VERSION


def test_what_a_newer_version_wrote_is_kept_and_written_back_unchanged():
    newer = {**LEAST, "version": VERSION + 1, "colours": ["grey"], "labels": {"n_lines": 2, "n_merged": 3}}
    newer["recipe"] = {**LEAST["recipe"], "colour": True}
    info = DatasetInfo.model_validate(newer)
    assert info.to_document() == newer
    assert read_recipe(info.recipe).name == "old"


def test_the_file_of_a_data_set_of_today_is_what_its_model_writes(tmp_path):
    dataset = make_dataset(tmp_path)
    text = (dataset.path / "dataset.json").read_text()
    assert json.dumps(dataset.info.to_document(), indent=2, ensure_ascii=False) + "\n" == text


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (None, "expected a JSON object"), ([], "expected a JSON object"), ({"name": "x"}, "n: Field required"),
        ({**LEAST, "splits": {}}, "splits: .*found no train"), ({**LEAST, "splits": {"train": -1}}, "splits.train"),
        ({**LEAST, "n": -1}, "n: "), ({**LEAST, "size_px": 0}, "size_px: "), ({**LEAST, "n": 10**400}, "n: "),
        ({**LEAST, "counts": [{"source": "a", "expression": "contempt", "split": "train", "n": 1}]}, "'contempt'"),
        ({**LEAST, "counts": [{"source": "a", "expression": "sad", "split": "zz", "n": 1}]}, "counts.0.split"),
        ({**LEAST, "n": "many"}, "n: Input should be a valid integer"), ({**LEAST, "counts": [1]}, "counts.0"),
    ],
    ids=["null", "list", "part", "no splits", "negative split", "negative n", "no size", "huge n", "unknown class",
         "unknown split", "word for a number", "number for a row"],
)  # fmt: skip
def test_what_is_no_description_of_a_data_set_is_refused_with_its_file_and_field(document, why, tmp_path):
    dataset = make_dataset(tmp_path)
    write_json(dataset.path / "dataset.json", document)
    with pytest.raises(InputError, match=rf"dataset\.json cannot be read: .*{why}.*\. Restore it"):
        open_dataset("tiny")


def test_the_kept_recipe_has_the_fields_of_a_recipe_and_its_defaults():
    recipe = DatasetRecipe("x", sources=(("auto", "/p"),))
    kept = KeptRecipe(name="x", sources=(("auto", "/p"),))
    assert list(KeptRecipe.model_fields) == [field.name for field in fields(DatasetRecipe)]
    assert kept.model_dump() == asdict(recipe)
