"""`fer presets`: the presets that `--preset` accepts."""

from typing import Annotated

import typer

from fer_core.cli.output import AsJson, print_json, print_table


def presets(
    name: Annotated[str | None, typer.Argument(help="one preset, with all its values")] = None,
    json: AsJson = False,
) -> None:
    """List the presets, or show the source and all values of the preset NAME."""
    from fer_core.runs.config import TrainConfig
    from fer_core.runs.presets import PRESETS, find_preset

    if name is None:
        if json:
            print_json([{"name": name, "about": preset.about} for name, preset in PRESETS.items()])
        else:
            print_table(("name", "about"), [(name, preset.about) for name, preset in PRESETS.items()])
        return
    preset = find_preset(name)
    if json:
        print_json({"name": name, "about": preset.about, "source": preset.source, "values": preset.values})
        return
    defaults = {field: info.default for field, info in TrainConfig.model_fields.items()}
    print(f"{name}: {preset.about}")
    print(f"Source: {preset.source}")
    print_table(
        ("field", "value", "default"), [(f, str(value), str(defaults[f])) for f, value in preset.values.items()]
    )
    print(f"Use it with fer train --dataset DATASET --preset {name}; --set changes any field.")
