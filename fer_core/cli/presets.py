"""`fer recipes`: the named trainings that `--preset` takes."""

from typing import Annotated

import typer

from fer_core.cli.output import AsJson, print_json, print_table


def recipes(
    name: Annotated[str | None, typer.Argument(help="one of them, with all that it sets")] = None,
    json: AsJson = False,
) -> None:
    """The named trainings, or NAME with its source and all that it sets."""
    from fer_core.runs.config import TrainConfig
    from fer_core.runs.presets import RECIPES, find_recipe

    if name is None:
        if json:
            print_json([{"name": name, "about": recipe.about} for name, recipe in RECIPES.items()])
        else:
            print_table(("name", "about"), [(name, recipe.about) for name, recipe in RECIPES.items()])
        return
    recipe = find_recipe(name)
    if json:
        print_json({"name": name, "about": recipe.about, "source": recipe.source, "values": recipe.values})
        return
    defaults = {field: info.default for field, info in TrainConfig.model_fields.items()}
    print(f"{name}: {recipe.about}")
    print(f"Source: {recipe.source}")
    print_table(
        ("field", "value", "default"), [(f, str(value), str(defaults[f])) for f, value in recipe.values.items()]
    )
    print(f"Train so with fer train --dataset DATASET --preset {name}; --set changes any field.")
