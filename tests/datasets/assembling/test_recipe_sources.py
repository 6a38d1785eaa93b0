"""A recipe's sources as people write them."""

from pathlib import Path

import pytest

from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.errors import InputError


@pytest.mark.parametrize(
    "sources",
    [["fer2013=~/fer.csv"], "fer2013=~/fer.csv", (("fer2013", "HOME/fer.csv"),)],
    ids=["a list", "a lone text", "a pair"],
)
def test_sources_are_kept_as_pairs_of_reader_and_absolute_path(sources, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    if isinstance(sources, tuple):
        sources = [("fer2013", str(tmp_path / "fer.csv"))]
    recipe = DatasetRecipe("mixed", sources=sources)
    assert recipe.pairs == recipe.sources == (("fer2013", str(tmp_path / "fer.csv")),)
    assert hash(recipe) == hash(DatasetRecipe("mixed", sources=list(recipe.pairs)))


def test_a_bare_path_is_recognised_later(tmp_path):
    assert DatasetRecipe("mixed", sources=[tmp_path, str(tmp_path)]).pairs == (("auto", str(tmp_path)),) * 2


def test_lists_in_other_fields_are_as_good_as_tuples():
    recipe = DatasetRecipe("mixed", sources=["/a"], leave_out=["dark"], caps=[("csv", 3)])  # type: ignore[arg-type]
    assert recipe.leave_out == ("dark",)
    assert recipe.limits.caps == (("csv", 3),)


@pytest.mark.parametrize("sources", [[], ()])
def test_no_source_is_a_sentence(sources):
    with pytest.raises(InputError, match="needs at least one source"):
        DatasetRecipe("mixed", sources=sources)


def test_a_misspelt_reader_is_a_sentence():
    with pytest.raises(InputError, match="'fer2031' is neither a reader"):
        DatasetRecipe("mixed", sources=[f"fer2031={Path('/nowhere')}"])
