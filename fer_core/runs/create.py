"""Creates new runs: checks the config first, then writes the run's folder with its identity and origin."""

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
    """Creates the folder of a new run, after checking everything that can be checked in advance.

    Args:
        config: of the run.
        command: the command that started it, shown to users.
        part_of: fields for run.json on what it belongs to, such as {"kfold": group} or {"search": name, "trial": 3}.
        prefix: of the folder's name; a folder that starts with a dot is not listed as a run.

    Raises:
        InputError: if the data set does not exist or does not fit the config.
    """
    from fer_core.runs.fits import check_fits
    from fer_core.runs.training_data import open_training  # pandas: half a second that the supervisor has no need of

    check_fits(config, open_training(config))
    return write_run(new_folder(runs_dir(), config.name or config.model, prefix), config, command, part_of)


def write_run(path: Path, config: TrainConfig, command: str, part_of: Mapping[str, Any] | None = None) -> Run:
    """Writes a new run's files into the folder `path`; the arguments are those of create_run, which checks them."""
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
    """The config with the names in `init` and `teacher` replaced by the full ids that they stand for now.

    Raises:
        InputError: if there is no such run, or more than one.
    """
    changes: dict[str, str] = {}
    if config.init.startswith("run:"):
        changes["init"] = f"run:{get_run(config.init[4:]).run_id}"
    if config.teachers:
        changes["teacher"] = ",".join(pin_teacher(find_teacher(name)) for name in config.teachers)
    return config.model_copy(update=changes)


def write_identity(run: Run, config: TrainConfig, info: Mapping[str, object]) -> None:
    """Writes config.json and then run.json: `info`, the date and the versions used.

    Lists and pages treat a folder as a run once it has both files.
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
    """Creates an empty folder named after the current second and the given name."""
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
    """The command line of this process, for run.json."""
    return " ".join(["fer", *sys.argv[1:]])


def tell_command(config: TrainConfig, verb: str) -> str:
    """`fer VERB --dataset ... --set field=value ...`, with every field that differs from its default.

    Args:
        config: of the run.
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
    """The full ids of the runs and groups that a pinned config names."""
    return [*([config.init[4:]] if config.init.startswith("run:") else []), *config.teachers]


def _git_commit() -> str | None:
    if packed := os.environ.get("FER_COMMIT"):  # by `fer gpu`: the code is there without its clone
        return packed
    head = _ask_git(ROOT, "rev-parse", "--short=12", "HEAD")
    # The table's own files change as it is filled.
    changed = head and _ask_git(ROOT, "status", "--porcelain", "-uno", "--", ":/", ":(exclude,top)docs/results*")
    return f"{head}-dirty" if changed else head


def _ask_git(folder: Path, *words: str) -> str | None:
    """The output of git for a folder's clone, or None."""
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
