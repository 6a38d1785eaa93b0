"""How fast the borrowed GPU trains: `fer bench train` in a process of its own, once the rows are done."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fer_core.base.devices import list_devices
from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.studies.results.entries import name_machine

BENCH = "bench.json"
_LEAST_S = 90.0  # two starts of torch, and five blocks of each way
_SETTINGS = {"batch_size": "512", "precision": "bfloat16", "memory_format": "channels_last"}  # as the rows have them


def measure_training(
    out: Path, dataset: str, left_s: float, say: Callable[[str], None], settings: Mapping[str, str] = _SETTINGS
) -> None:
    """Writes `bench.json` into `out`; does nothing without a GPU, with too little time, or if the file exists.

    Args:
        out: folder to bring back.
        dataset: to train on.
        left_s: seconds available.
        say: called with a line on the outcome.
        settings: fields of the config.
    """
    if not list_devices()[0].startswith("cuda") or left_s < _LEAST_S or (out / BENCH).is_file():
        return
    chosen = [word for field, value in settings.items() for word in ("--set", f"{field}={value}")]
    command = [sys.executable, "-m", "fer_core", "bench", "train", "--dataset", dataset, *chosen, "--json"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=left_s, check=True)
        document = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        say(f"training speed was not measured: {left_s:.0f} s were not enough")
        return
    except (subprocess.CalledProcessError, ValueError) as error:
        why = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1]
        say(f"training speed was not measured: {why}")
        return
    document["machine"] = name_machine(document["device"], int(settings.get("threads", 0)))
    write_json(out / BENCH, document)
    say(describe_speed(document))


def read_speed(folder: Path) -> str:
    """The returned measurements in a sentence; empty if there are none.

    Raises:
        InputError: for a damaged file.
    """
    path = folder / BENCH
    if not path.is_file():
        return ""
    try:
        return describe_speed(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is damaged ({error!r}). Copy it again, or delete it.") from error


def describe_speed(document: Mapping[str, Any]) -> str:
    """The results of `fer bench train` in a sentence."""
    return (
        f"{document['model']} at {document['input_px']} px on {document['machine']}: "
        f"{document['pipeline_efficiency']:.2f} of the speed of the step alone, "
        f"{document['speedup_over_dataloader']:.1f} times that of files through a DataLoader ({BENCH})."
    )
