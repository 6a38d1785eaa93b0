"""Assembles a data set again in place of the existing one, and records the changes."""

from typing import Any

import pandas as pd

from fer_core.base.files import read_table, write_json
from fer_core.base.progress import Progress, no_progress
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe, recipe_of
from fer_core.datasets.counts import LabelChange
from fer_core.datasets.dataset import INFO, TABLE, Dataset, list_datasets, open_dataset
from fer_core.datasets.info import DatasetInfo, KeptRecipe, Replaced
from fer_core.labels import EXPRESSIONS


def assemble_again(name: str, progress: Progress = no_progress) -> Dataset:
    """Assembles the data set again by its stored recipe, and records the changes as `assemble_over` does.

    Raises:
        InputError: as `assemble`; the data set is then unchanged.
    """
    return assemble_over(recipe_of(open_dataset(name).info), progress)


def assemble_over(recipe: DatasetRecipe, progress: Progress = no_progress) -> Dataset:
    """Like `assemble`; if a data set of that name existed, `dataset.json` then has `replaced`.

    It contains the result of `compare`, the old `fingerprint`, and the result of `compare_recipes` as `recipe`.
    """
    old = next((dataset for dataset in list_datasets() if dataset.name == recipe.name), None)
    if old is None:
        return assemble(recipe, progress)
    before = _read_labels(old)
    return _note_changes(before, old.info, assemble(recipe, progress))


def _read_labels(dataset: Dataset) -> pd.DataFrame:
    return read_table(dataset.path / TABLE, "face_id", "sha256", "expression")


def _note_changes(before: pd.DataFrame, old: DatasetInfo, new: Dataset) -> Dataset:
    replaced = compare(before, new.table).model_copy(
        update={"fingerprint": old.fingerprint, "recipe": compare_recipes(old.recipe, new.info.recipe)}
    )
    write_json(new.path / INFO, new.info.model_copy(update={"replaced": replaced}).to_document())
    return open_dataset(new.name)


def compare(old: pd.DataFrame, new: pd.DataFrame) -> Replaced:
    """Counts the old faces, the removed and added ones, and those with a changed label.

    Args:
        old: columns face_id, sha256 and expression, of the old data set. A face is the same if both its name
            and its pixels are equal.
        new: likewise, of the new data set.
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

    Sources are equal if their paths are, whether the reader was given or detected. Choices that an older recipe lacks
    do not count as different.
    """
    before, now = (recipe.model_dump(mode="json", exclude_unset=True) for recipe in (old, new))
    changed = {choice: [was, now[choice]] for choice, was in before.items() if choice in now and was != now[choice]}
    if [path for _, path in old.sources] == [path for _, path in new.sources]:
        changed.pop("sources", None)
    return changed
