"""A new run: all that can be checked before it starts, then its folder, with what it is and where it comes from."""

import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fer_core.base.devices import list_devices, resolve_device
from fer_core.base.extras import need_extra
from fer_core.base.files import write_json
from fer_core.base.project import ROOT
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.models.names import TIMM, find_imagenet
from fer_core.runs.config import TrainConfig
from fer_core.runs.run import PINNED, Run, explain_no_weights, get_run
from fer_core.runs.teachers import check_teachers, find_teacher, pin_teacher


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
    check_fits(config)
    return write_run(new_folder(runs_dir(), config.name or config.model, prefix), config, command, part_of)


def check_fits(config: TrainConfig) -> None:
    """Refuses a config that cannot be trained: what it names is not there, or does not fit the data set.

    Raises:
        InputError: one sentence that begins with the field.
    """
    from fer_core.runs.masks import check_sources, choose_sources
    from fer_core.runs.training_data import open_training  # pandas: half a second that the supervisor has no need of

    dataset = open_training(config)
    config = choose_sources(config, dataset)
    _check_start(config, dataset.info.size_px)
    if config.crop_px > dataset.info.size_px:
        raise InputError(
            f"crop_px: {config.crop_px} is more than the {dataset.info.size_px} px of the faces of {dataset.name}. "
            "Choose a smaller crop_px, or 0."
        )
    if config.test_views == "ten_crop" and not config.crop_px:
        raise InputError("test_views: ten_crop needs crop_px, such as 44 for faces of 48 px. Set it, or choose flip.")
    if not all(len(dataset.rows(split)) for split in ("train", "val")):
        raise InputError(f"{dataset.name} has no training or no validation faces. Assemble it with another split.")
    check_sources(config, dataset)
    _check_devices(config, len(dataset.rows("train")))


def write_run(path: Path, config: TrainConfig, command: str, part_of: Mapping[str, Any] | None = None) -> Run:
    """Writes what a new run is into the folder `path`; the arguments are create_run's, which checks them."""
    from fer_core.runs.absent import ABSENT, find_absent
    from fer_core.runs.lineage import TRAINS_ON, digest_training
    from fer_core.runs.masks import choose_sources, mask_faces
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
    packages = ["torch", "torchvision", "numpy"] + (["timm"] if config.model.startswith(TIMM) else [])
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
    raise InputError(f"There are too many runs named {slug} of this second. Wait a moment and start again.")


def command_line() -> str:
    """How this process was called, for run.json."""
    return " ".join(["fer", *sys.argv[1:]])


def _check_start(config: TrainConfig, face_px: int) -> None:
    """Refuses networks, packages, weights and teachers that are not there, and teachers for other faces."""
    if config.model.startswith(TIMM):
        from fer_core.models.timm_nets import find_timm  # timm alone knows its names, and it imports torch

        _, known = find_timm(config.model)
        if config.crop_px and known.fixed_input_size:
            raise InputError(f"crop_px: {config.model} is made for one size, crops have another. Set crop_px to 0.")
    elif config.init == "imagenet":
        find_imagenet(config.model)
    if config.tensorboard:
        need_extra("tensorboard", "tensorboard: an event file")
    if config.init.startswith("file:") and not Path(config.init[5:]).is_file():
        raise InputError(f"init: there is no weights file {config.init[5:]}. Give the path of an existing file.")
    if config.init.startswith("run:") and not (weights := get_run(config.init[4:]).best_weights).is_file():
        raise InputError(f"init: {explain_no_weights(weights)}")
    check_teachers(config.teachers, config.teacher_views, face_px)


def _name_runs(config: TrainConfig) -> list[str]:
    """The whole ids of what a pinned config names."""
    return [*([config.init[4:]] if config.init.startswith("run:") else []), *config.teachers]


def _check_devices(config: TrainConfig, n_faces: int) -> None:
    """Refuses several processes where there are no devices for them, or where they cannot share a batch."""
    n, device = config.devices, resolve_device(config.device)
    if n == 1:
        return
    if device not in ("cpu", "cuda:0"):
        raise InputError(f"devices: {n} cannot be had with device={device}. Choose device=cuda or device=cpu.")
    n_gpus = sum(name.startswith("cuda") for name in list_devices())
    if device == "cuda:0" and n > n_gpus:
        raise InputError(f"devices: {n} GPUs are asked for, this machine has {n_gpus}. Choose fewer, or device=cpu.")
    if config.batch_size % n or config.batch_size < 2 * n:
        raise InputError(
            f"devices: a batch of {config.batch_size} faces cannot be shared equally by {n} processes, at least 2 "
            f"each. Choose a batch_size that is a multiple of {n}."
        )
    if n_faces < config.batch_size:
        raise InputError(
            f"devices: {n} processes need whole batches, and {n_faces} training faces do not fill one of "
            f"{config.batch_size}. Choose a smaller batch_size, or devices=1."
        )


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
