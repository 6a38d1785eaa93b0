"""A new run: all that can be checked before it starts, then its folder, with what it is and where it comes from."""

import json
import os
import platform
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fer_core.base.devices import resolve_device
from fer_core.base.files import write_json
from fer_core.base.project import ROOT
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.models.families import find_family
from fer_core.runs.config import TrainConfig
from fer_core.runs.find import get_run
from fer_core.runs.origins.teachers import find_teacher, pin_teacher
from fer_core.runs.run import PINNED, Run


def create_run(config: TrainConfig, command: str, part_of: Mapping[str, Any] | None = None, prefix: str = "") -> Run:
    """Makes the folder of a new run, after checking all that can be checked before anything starts.

    Args:
        config: what it trains.
        command: what started it, for people.
        part_of: what it belongs to, such as {"kfold": group} or {"search": name, "trial": 3}; goes into run.json.
        prefix: of the folder's name; with a dot in front it is no run among the others.

    Raises:
        InputError: when the data set does not exist or does not fit the config.
    """
    from fer_core.runs.fits import check_fits
    from fer_core.runs.training_data import open_training  # pandas: half a second that the supervisor has no need of

    check_fits(config, open_training(config))
    return write_run(new_folder(runs_dir(), config.name or config.model, prefix), config, command, part_of)


def write_run(path: Path, config: TrainConfig, command: str, part_of: Mapping[str, Any] | None = None) -> Run:
    """Writes what a new run is into the folder `path`; the arguments are create_run's, which checks them."""
    from fer_core.runs.absent import ABSENT, find_absent
    from fer_core.runs.masks import choose_sources, mask_faces
    from fer_core.runs.origins.lineage import TRAINS_ON, digest_training
    from fer_core.runs.training_data import open_training

    run, dataset = Run(path), open_training(config)
    config = choose_sources(pin_runs(config), dataset)
    path.mkdir(parents=True, exist_ok=True)
    rows = dataset.rows("train")
    info = {
        "command": command,
        **(part_of or {}),
        "device": resolve_device(config.device),
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.info.fingerprint,
        "drawn": dataset.info.drawn,
        ABSENT: find_absent(dataset.labels[rows[mask_faces(dataset, rows, config).labels]]),
        TRAINS_ON: digest_training(config, dataset),
        PINNED: _name_runs(config),
    }
    write_identity(run, config, info)
    return run


def pin_runs(config: TrainConfig) -> TrainConfig:
    """The config with the whole ids of what `init` and `teacher` name, maybe by a title, as of now.

    Raises:
        InputError: when there is no such run, or more than one.
    """
    changes: dict[str, str] = {}
    if config.init.startswith("run:"):
        changes["init"] = f"run:{get_run(config.init[4:]).run_id}"
    if config.teachers:
        changes["teacher"] = ",".join(pin_teacher(find_teacher(name)) for name in config.teachers)
    return config.model_copy(update=changes)


def write_identity(run: Run, config: TrainConfig, info: Mapping[str, object]) -> None:
    """Writes config.json and then run.json: `info`, and when and with which versions it was made.

    A folder is a run, for lists and pages, once it has both.
    """
    write_json(run.path / "config.json", config.model_dump())
    packages = ["torch", "torchvision", "numpy", *find_family(config.model).packages]
    made = {
        "run_id": run.run_id,
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "git_commit": _git_commit(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in packages},
    }
    write_json(run.path / "run.json", {**made, **info})


def new_folder(parent: Path, name: str, prefix: str = "") -> Path:
    """Makes an empty folder for something new: called after the second it was made in, and a form of its name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "run"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for suffix in ("", *(f"-{i}" for i in range(2, 1000))):
        path = parent / f"{prefix}{stamp}-{slug}{suffix}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
    raise InputError(f"Too many runs named {slug} were started within one second. Wait a moment and try again.")


def command_line() -> str:
    """How this process was called, for run.json."""
    return " ".join(["fer", *sys.argv[1:]])


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


def _name_runs(config: TrainConfig) -> list[str]:
    """The whole ids of what a pinned config names."""
    return [*([config.init[4:]] if config.init.startswith("run:") else []), *config.teachers]


def _git_commit() -> str | None:
    if packed := os.environ.get("FER_COMMIT"):  # by `fer gpu`: the code is there without its clone
        return packed
    head = _ask_git(ROOT, "rev-parse", "--short=12", "HEAD")
    # The table's own files change as it is filled.
    changed = head and _ask_git(ROOT, "status", "--porcelain", "-uno", "--", ":/", ":(exclude,top)docs/results*")
    return f"{head}-dirty" if changed else head


def _ask_git(folder: Path, *words: str) -> str | None:
    """What git prints about a folder's clone, or None."""
    try:
        command = ["git", "-C", str(folder), *words]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return None
    return answer.stdout.strip() or None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
