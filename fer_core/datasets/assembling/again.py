"""A data set assembled in the place of one of its name, and what that changed."""

from typing import Any

import pandas as pd

from fer_core.base.files import write_json
from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe, recipe_of
from fer_core.datasets.counts import LabelChange
from fer_core.datasets.dataset import INFO, TABLE, Dataset, list_datasets, open_dataset
from fer_core.datasets.info import DatasetInfo, KeptRecipe, Replaced
from fer_core.labels import EXPRESSIONS


def assemble_again(name: str, progress: Progress = no_progress) -> Dataset:
    """Makes the data set anew in its place, by the recipe that it has; notes what changed as `assemble_over` does.

    Raises:
        InputError: as `assemble`; the data set then stays as it was.
    """
    return assemble_over(recipe_of(open_dataset(name).info), progress)


def assemble_over(recipe: DatasetRecipe, progress: Progress = no_progress) -> Dataset:
    """As `assemble`; where a data set of that name was there, `dataset.json` then has `replaced`.

    That is what `compare` returns, the old `fingerprint`, and `recipe`, as `compare_recipes` returns it.
    """
    old = next((dataset for dataset in list_datasets() if dataset.name == recipe.name), None)
    if old is None:
        return assemble(recipe, progress)
    before = _read_labels(old)
    return _note_changes(before, old.info, assemble(recipe, progress))


def _read_labels(dataset: Dataset) -> pd.DataFrame:
    return pd.read_parquet(dataset.path / TABLE, columns=["face_id", "sha256", "expression"])


def _note_changes(before: pd.DataFrame, old: DatasetInfo, new: Dataset) -> Dataset:
    replaced = compare(before, new.table).model_copy(
        update={"fingerprint": old.fingerprint, "recipe": compare_recipes(old.recipe, new.info.recipe)}
    )
    write_json(new.path / INFO, new.info.model_copy(update={"replaced": replaced}).to_document())
    return open_dataset(new.name)


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Replaced:
    """How many faces there were, how many of them are gone or new, and whose label is another one now.

    Args:
        old: columns face_id, sha256 and expression, of the data set as it was. A face is the same where both its name
            and its pixels are.
        new: likewise, as it is.
    """
    both = old.merge(new[["face_id", "sha256", "expression"]], on=["face_id", "sha256"], suffixes=("_old", "_new"))
    counts = both.groupby(["expression_old", "expression_new"]).size()
    return Replaced(
        n=len(old),
        n_gone=len(old) - len(both),
        n_new=len(new) - len(both),
        from_to=tuple(
            LabelChange(old=a, new=b, n=int(counts[a, b]))
            for a in EXPRESSIONS
            for b in EXPRESSIONS
            if a != b and (a, b) in counts.index
        ),
    )


def compare_recipes(old: KeptRecipe, new: KeptRecipe) -> dict[str, list[Any]]:
    """{choice: [before, now]} of the choices that differ.

    A source is the same when its path is, whether its reader was named or recognised. What an older recipe lacks does
    not differ.
    """
    before, now = (recipe.model_dump(mode="json", exclude_unset=True) for recipe in (old, new))
    changed = {choice: [was, now[choice]] for choice, was in before.items() if choice in now and was != now[choice]}
    if [path for _, path in old.sources] == [path for _, path in new.sources]:
        changed.pop("sources", None)
    return changed
