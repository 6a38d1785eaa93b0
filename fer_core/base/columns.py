"""Checks of the columns of a stored table, which any program may have changed."""

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.base.files import UnreadableError

if TYPE_CHECKING:
    import pandas as pd

WAY_ON = "Restore it from a copy, or delete it."


def check_texts(table: "pd.DataFrame", columns: Collection[str], path: Path, way_on: str = WAY_ON) -> None:
    """Raises UnreadableError for the table in `path` if a value of these columns is missing or not a text."""
    from pandas.api.types import infer_dtype

    for name in columns:
        if len(table) and infer_dtype(table[name], skipna=False) != "string":
            raise UnreadableError(path, f"its column {name} has values that are missing or not texts", way_on)


def check_choices(table: "pd.DataFrame", name: str, known: Collection[str], path: Path, way_on: str = WAY_ON) -> None:
    """Raises UnreadableError for the table in `path` if its column `name` has a value that is not one of `known`."""
    unknown = [value for value in table[name].unique().tolist() if value not in known]
    if unknown:
        raise UnreadableError(path, f"its column {name} has {unknown[0]!r}, not one of {', '.join(known)}", way_on)


def check_numbers(table: "pd.DataFrame", columns: Collection[str], path: Path, way_on: str = WAY_ON) -> None:
    """Raises UnreadableError for the table in `path` if a value of these columns is not a finite number."""
    import numpy as np

    for name in columns:
        values = table[name].to_numpy()
        if values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            raise UnreadableError(path, f"its column {name} has values that are not finite numbers", way_on)
