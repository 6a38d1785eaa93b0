"""A run is a folder, and the folder is the truth, whatever started it. No torch here."""

import json
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from fer_core.config import TrainConfig, build_config
from fer_core.devices import list_devices, resolve_device
from fer_core.errors import InputError
from fer_core.extras import need_extra
from fer_core.files import read_json, write_json
from fer_core.models.names import TIMM
from fer_core.runners.poll import poll
from fer_core.workspace import runs_dir

# What a run's state may be; the last three are final, and every state but running and queued can be resumed.
STATES = ("queued", "running", "lost", "stopped", "failed", "finished")


BUNDLED_ID = "bundled"
_BUNDLED = Path(__file__).parent / "weights" / BUNDLED_ID


@dataclass(frozen=True)
class Run:
    """One run, read from its folder."""

    path: Path

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def is_bundled(self) -> bool:
        """True for the network that comes with the project."""
        return self.path == _BUNDLED

    @property
    def info(self) -> dict[str, Any]:
        """`run.json`: identity, command, versions, device, data-set fingerprint."""
        return read_json(self.path / "run.json")

    @property
    def config(self) -> TrainConfig:
        """`config.json`, validated."""
        return build_config(read_json(self.path / "config.json"))

    @property
    def title(self) -> str:
        """The name a person gave it, or the model's, and which fold it leaves out, if any."""
        config = read_json(self.path / "config.json")
        name = config.get("name") or config["model"]
        return f"{name}, fold {config['fold'] + 1} of {config['folds']}" if config.get("folds") else name

    @property
    def members(self) -> list[dict[str, Any]]:
        """[{run_id, title, model, weight}] of an ensemble; nothing for a network that was trained."""
        return self.info.get("members", [])

    @property
    def model(self) -> str:
        """The architecture's name, or how many networks an ensemble averages."""
        return f"ensemble of {len(self.members)}" if self.members else self.config.model

    @property
    def device(self) -> str:
        """The device whose queue the run stands in."""
        return self.info["device"]

    @property
    def best_weights(self) -> Path:
        """Weights of the best epoch; there once the first epoch has ended."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def last_checkpoint(self) -> Path:
        """Everything that a resume needs."""
        return self.path / "checkpoints" / "last.pt"

    @property
    def state(self) -> str:
        """One of STATES: exit.json tells, then whoever is at work, then the queue's mark."""
        ended = self.exit
        if ended:
            return ended["state"]
        hint = poll(self.path, self.slurm)
        if hint in ("running", "queued"):
            return hint
        if hint is None and (self.path / "queued.json").is_file():
            return "queued"
        ended = self.exit  # once more: it may have ended while its runner was asked
        if ended:
            return ended["state"]
        return "stopped" if (self.path / "stop.json").is_file() else "lost"

    @property
    def slurm(self) -> dict[str, Any] | None:
        """`slurm.json` ({options, job_id, uid, submitted}), or None for a run of this machine."""
        return self._read("slurm.json")

    @property
    def exit(self) -> dict[str, Any] | None:
        """`exit.json` ({state, message, seconds}), or None while the run has not ended."""
        return self._read("exit.json")

    @property
    def why_stopped(self) -> str:
        """The reason given by what asked it to stop; empty where none was given, or nothing asked."""
        return (self._read("stop.json") or {}).get("why", "")

    @property
    def report(self) -> dict[str, Any] | None:
        """`report.json`: the scores by split, or None before the run has finished."""
        return self._read("report.json")

    def metrics(self) -> list[dict[str, Any]]:
        """The lines of `metrics.jsonl`, whole ones only (the last may be in the making)."""
        path = self.path / "metrics.jsonl"
        if not path.is_file():
            return []
        lines = path.read_text(encoding="utf-8").split("\n")
        return [json.loads(line) for line in lines[:-1] if line]

    def log_tail(self, n_lines: int = 40) -> str:
        """The end of `log.txt`."""
        path = self.path / "log.txt"
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64_000))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-n_lines:])

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            return read_json(self.path / name)
        except FileNotFoundError:
            return None


def split_metrics(lines: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The lines of whole epochs, and the newest progress line, or None."""
    epochs = [line for line in lines if line["kind"] == "epoch"]
    progress = [line for line in lines if line["kind"] == "progress"]
    return epochs, progress[-1] if progress else None


def find_best(epochs: Sequence[Mapping[str, Any]]) -> int:
    """The position of the epoch whose weights a run keeps: highest val_accuracy, then lowest val_loss, then first."""
    return max(range(len(epochs)), key=lambda i: (epochs[i]["val_accuracy"], -epochs[i]["val_loss"]))


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
    from fer_core.data.dataset import open_training  # pandas: half a second that the supervisor has no need of

    dataset = open_training(config)
    _check_start(config)
    if config.crop_px > dataset.info["size_px"]:
        raise InputError(
            f"crop_px: {config.crop_px} is more than the {dataset.info['size_px']} px of the faces of {dataset.name}. "
            "Choose a smaller crop_px, or 0."
        )
    if config.test_views == "ten_crop" and not config.crop_px:
        raise InputError("test_views: ten_crop needs crop_px, such as 44 for faces of 48 px. Set it, or choose flip.")
    if not all(len(dataset.rows(split)) for split in ("train", "val")):
        raise InputError(f"{dataset.name} has no training or no validation faces. Assemble it with another split.")
    _check_devices(config, len(dataset.rows("train")))
    return write_run(new_folder(runs_dir(), config.name or config.model, prefix), config, command, part_of)


def write_run(path: Path, config: TrainConfig, command: str, part_of: Mapping[str, Any] | None = None) -> Run:
    """Writes what a new run is into the folder `path`; the arguments are create_run's, which checks them."""
    from fer_core.data.dataset import open_dataset

    path.mkdir(parents=True, exist_ok=True)
    run, dataset = Run(path), open_dataset(config.dataset)
    info = {
        "command": command,
        **(part_of or {}),
        "device": resolve_device(config.device),
        "dataset": dataset.name,
        "dataset_fingerprint": dataset.info["fingerprint"],
        "drawn": dataset.info["drawn"],
    }
    write_identity(run, config, info)
    return run


def write_identity(run: Run, config: TrainConfig, info: dict[str, Any]) -> None:
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


def list_runs() -> list[Run]:
    """Every run of the workspace, the newest first."""
    if not runs_dir().is_dir():
        return []
    folders = [path.parent for path in runs_dir().glob("[!.]*/run.json") if (path.parent / "config.json").is_file()]
    return [Run(path) for path in sorted(folders, reverse=True)]


def get_run(run_id: str) -> Run:
    """The run of that id, or the only one whose id or name it begins; `bundled` is the project's own.

    Raises:
        InputError: when there is none, or more than one.
    """
    if run_id == BUNDLED_ID:
        return Run(_BUNDLED)
    runs = list_runs()
    for run in runs:
        if run.run_id == run_id:
            return run
    named = [run for run in runs if run.title == run_id] or [run for run in runs if run.run_id.startswith(run_id)]
    if len(named) == 1 and run_id:
        return named[0]
    if not named or not run_id:
        raise InputError(f"There is no run {run_id!r}. See fer runs list for those that there are.")
    raise InputError(f"{run_id!r} may be any of {', '.join(run.run_id for run in named)}. Give the whole run id.")


def delete_run(run: Run) -> None:
    """Removes the run's folder.

    Raises:
        InputError: while it is running or queued, and for the network that comes with the project.
    """
    if run.is_bundled:
        raise InputError("The bundled network is part of FER Studio and stays. Delete a run of your own.")
    if run.state in ("running", "queued"):
        raise InputError(f"{run.run_id} is {run.state}. Stop it first, then delete it.")
    shutil.rmtree(run.path)


def _check_start(config: TrainConfig) -> None:
    """Refuses networks, packages, weights and teachers that are not there."""
    if config.model.startswith(TIMM):
        from fer_core.models.timm_nets import find_timm  # timm alone knows its names, and it imports torch

        _, known = find_timm(config.model)
        if config.crop_px and known.fixed_input_size:
            raise InputError(f"crop_px: {config.model} is made for one size, crops have another. Set crop_px to 0.")
    if config.tensorboard:
        need_extra("tensorboard", "tensorboard: an event file")
    if config.init.startswith("file:") and not Path(config.init[5:]).expanduser().is_file():
        raise InputError(f"init: there is no weights file {config.init[5:]}. Give the path of an existing file.")
    needed = [("init", config.init[4:])] if config.init.startswith("run:") else []
    needed += [("teacher", run_id) for run_id in config.teachers]
    for field, run_id in needed:
        if not get_run(run_id).best_weights.is_file():
            raise InputError(f"{field}: the run {run_id} has no weights yet. Wait for its first epoch.")


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


def _git_commit() -> str | None:
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except OSError:
        return None
    return answer.stdout.strip() or None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command_line() -> str:
    """How this process was called, for run.json."""
    return " ".join(["fer", *sys.argv[1:]])
