"""The command line that starts a training again, for runs that no command line started."""

import json
import shlex
from typing import Any

from fer_core.runs.config import TrainConfig


def tell_command(config: TrainConfig, verb: str) -> str:
    """`fer VERB --dataset ... --set field=value ...`, with every field that differs from its default.

    Args:
        config: of the training.
        verb: "train" or "submit".
    """
    changed = {
        field: value
        for field, value in config.model_dump(exclude={"dataset"}).items()
        if value != TrainConfig.model_fields[field].default
    }
    settings = [part for field, value in changed.items() for part in ("--set", f"{field}={_write(value)}")]
    return shlex.join(["fer", verb, "--dataset", config.dataset, *settings])


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
