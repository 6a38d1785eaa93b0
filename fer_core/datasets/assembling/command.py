"""The command that reproduces a data set from its recipe; new fields of `DatasetRecipe` are included automatically."""

import shlex
from dataclasses import fields
from typing import Any

from fer_core.datasets.assembling.recipe import DatasetRecipe, recipe_of
from fer_core.datasets.info import DatasetInfo

_WIDTH = 88  # characters of a line that a page and a terminal show whole


def build_command(info: DatasetInfo) -> str:
    """`fer data assemble ...`, quoted for a shell.

    Args:
        info: of the data set.
    """
    return command_of(recipe_of(info))


def command_of(recipe: DatasetRecipe) -> str:
    """`fer data assemble NAME ...` with all non-default choices; a long command has one option per line."""
    parts = [f"fer data assemble {shlex.quote(recipe.name)}"]
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name != "name" and value != field.default:
            parts += map(shlex.join, _name_options(field.name.replace("_", "-"), value))
    line = " ".join(parts)
    return line if len(line) <= _WIDTH else " \\\n    ".join(parts)


def _name_options(name: str, value: Any) -> list[list[str]]:
    """The options for a field: one for each pair (`caps`); lists are joined by commas."""
    if name == "sources":
        return [["--source", _name_source(*source)] for source in value]
    if isinstance(value, bool):
        return [[f"--{name}" if value else f"--no-{name}"]]
    if isinstance(value, tuple) and isinstance(value[0], tuple):
        return [[f"--{name.removesuffix('s')}", f"{key}={of}"] for key, of in value]
    return [[f"--{name}", ",".join(value) if isinstance(value, tuple) else str(value)]]


def _name_source(reader: str, path: str) -> str:
    """The source as an argument: the path alone if its reader was detected, unless it would look like READER=PATH."""
    return path if reader == "auto" and "=" not in path else f"{reader}={path}"
