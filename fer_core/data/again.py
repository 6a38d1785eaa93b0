"""A data set assembled once more by its own recipe, with the corrections made since, and what that changed."""

from typing import Any

import pandas as pd

from fer_core.data.assemble import Progress, assemble, no_progress
from fer_core.data.dataset import INFO, Dataset, open_dataset
from fer_core.data.demo import make_demo
from fer_core.data.recipe import read_recipe
from fer_core.files import write_json
from fer_core.labels import EXPRESSIONS


def assemble_again(name: str, progress: Progress = no_progress) -> Dataset:
    """Makes the data set anew in its place; its `dataset.json` then has `replaced`, as `compare` returns it.

    Raises:
        InputError: as `assemble`; the data set then stays as it was.
    """
    old = open_dataset(name)
    before = old.table[["face_id", "expression"]]
    recipe = read_recipe({**old.info["recipe"], "name": name})
    if old.info["drawn"]:
        new = make_demo(name, old.info["n"] + old.info.get("labels", {}).get("n_dropped", 0), recipe.seed, progress)
    else:
        new = assemble(recipe, progress)
    info = {**new.info, "replaced": {**compare(before, new.table), "fingerprint": old.info["fingerprint"]}}
    write_json(new.path / INFO, info)
    return open_dataset(name)


def compare(old: pd.DataFrame, new: pd.DataFrame) -> dict[str, Any]:
    """{n, n_gone, n_new, from_to: [{from, to, n}]}: `n` faces before, and whose label is another one now.

    Args:
        old: columns face_id and expression, of the data set as it was.
        new: likewise, as it is.
    """
    both = old.merge(new[["face_id", "expression"]], on="face_id", suffixes=("_old", "_new"))
    counts = both.groupby(["expression_old", "expression_new"]).size()
    return {
        "n": len(old),
        "n_gone": len(old) - len(both),
        "n_new": len(new) - len(both),
        "from_to": [
            {"from": a, "to": b, "n": int(counts[a, b])}
            for a in EXPRESSIONS
            for b in EXPRESSIONS
            if a != b and (a, b) in counts.index
        ],
    }
