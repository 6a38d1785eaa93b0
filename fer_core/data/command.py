"""The command that makes a data set again, from its recipe: a new field of `Recipe` is in it by itself."""

import shlex
from dataclasses import fields
from typing import Any

from fer_core.data.recipe import Recipe, read_recipe


def build_command(info: dict[str, Any]) -> str:
    """`fer data assemble ...` or, for drawn faces, `fer data demo ...`, quoted for a shell.

    Args:
        info: `dataset.json`.
    """
    recipe = read_recipe({**info["recipe"], "name": info["name"]})
    if info["drawn"]:
        n = info["n"] + info.get("labels", {}).get("n_dropped", 0)
        return shlex.join(["fer", "data", "demo", "--name", recipe.name, "--n", str(n), "--seed", str(recipe.seed)])
    return command_of(recipe)


def command_of(recipe: Recipe) -> str:
    """`fer data assemble NAME ...` with every choice that is not the default."""
    words = ["fer", "data", "assemble", recipe.name]
    for field in fields(recipe):
        value = getattr(recipe, field.name)
        if field.name != "name" and value != field.default:
            words += _name_option(field.name.replace("_", "-"), value)
    return shlex.join(words)


def _name_option(name: str, value: Any) -> list[str]:
    """A field as the command line has it: pairs (`sources`, `caps`) are an option each, lists are joined by commas."""
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if isinstance(value, tuple) and isinstance(value[0], tuple):
        return [word for key, of in value for word in (f"--{name.removesuffix('s')}", f"{key}={of}")]
    return [f"--{name}", ",".join(value) if isinstance(value, tuple) else str(value)]
