"""Starts a search; its settings are checked before its folder is created."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fer_core.base.devices import list_devices
from fer_core.base.files import write_json
from fer_core.base.workspace import check_name, searches_dir
from fer_core.datasets.dataset import open_dataset
from fer_core.errors import InputError
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.config import Settings, TrainConfig, build_config
from fer_core.runs.create import pin_runs
from fer_core.runs.fits import check_fits
from fer_core.runs.training_data import open_training
from fer_core.studies.search.ranges import Range, parse_ranges
from fer_core.studies.search.searches import Search, launch
from fer_core.studies.search.study import require_optuna


def start_search(
    name: str,
    base: Settings,
    ranges: list[str],
    n_trials: int,
    seed: int,
    command: str,
    parallel: int = 1,
    on_slurm: SlurmOptions | None = None,
) -> Search:
    """Creates the folder of a search and starts its coordinator.

    Args:
        name: of the search, and with a number appended of its runs.
        base: values of TrainConfig shared by all trials, including `dataset`.
        ranges: texts for `parse_range`; they take precedence over `base`.
        n_trials: number of trials.
        seed: of the values drawn from the ranges; the seed of the runs is in `base`.
        command: the command that started it, shown to users.
        parallel: parallel runs, each on its own device; runs started together are one Slurm job array.
        on_slurm: Slurm resources of each run; None to train on this machine.

    Raises:
        InputError: for an invalid name, range or number, an unknown data set, or if Optuna is not installed.
    """
    require_optuna()
    search, config, parsed = _plan(name, base, ranges, n_trials, n_at_once=1 if on_slurm else parallel)
    document = {
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "command": command,
        **_describe_trials(config, list(base), parsed),
        "n_trials": n_trials,
        "seed": seed,
        "parallel": parallel,
        "slurm": asdict(on_slurm) if on_slurm else None,
    }
    _write_new(search, document)
    launch(search)
    return search


def _write_new(search: Search, document: Mapping[str, object]) -> None:
    try:
        search.path.mkdir(parents=True)
    except FileExistsError as error:  # made since it was looked for
        raise _refuse_name(search) from error
    write_json(search.path / "search.json", dict(document))


def _plan(
    name: str, base: dict[str, Any], ranges: list[str], n_trials: int, n_at_once: int
) -> tuple[Search, TrainConfig, tuple[Range, ...]]:
    """The checked search with its shared and varied fields; `n_at_once` runs train in parallel on this machine."""
    search = Search(searches_dir() / check_name(name, "search"))
    config = pin_runs(build_config(base))  # a title may be another run's by the time of the last trial
    parsed = parse_ranges(ranges)
    _check_start(search, config, parsed, n_trials)
    n_devices = len(usable_devices(config.device))
    if not 1 <= n_at_once <= n_devices:
        raise InputError(f"parallel: expected 1 to {n_devices}, the number of devices, got {n_at_once}. Correct it.")
    return search, config, parsed


def _describe_trials(config: TrainConfig, given: list[str], ranges: tuple[Range, ...]) -> dict[str, Any]:
    """The entries of `search.json` on trials: the given fields, the data set and the ranges."""
    return {
        "base": {field: getattr(config, field) for field in given},  # as validated: a path is absolute, a run id whole
        "dataset_fingerprint": open_dataset(config.dataset).info.fingerprint,
        "ranges": list(map(str, ranges)),
    }


def _check_start(search: Search, config: TrainConfig, ranges: tuple[Range, ...], n_trials: int) -> None:
    first = {r.field: r.ends[0] for r in ranges}
    for tried in ranges:
        for value in tried.ends:
            trial = build_config({**config.model_dump(), **first, tried.field: value})
            check_fits(trial, open_training(trial))
    if search.path.exists():
        raise _refuse_name(search)
    if n_trials < 1:
        raise InputError(f"trials: expected 1 or more, got {n_trials}. Give the number of trials.")


def _refuse_name(search: Search) -> InputError:
    return InputError(f"A search named {search.name!r} already exists. Choose another name, or delete it first.")


def usable_devices(device: str) -> list[str]:
    """The devices for trials with a config's `device`: for auto and cuda, all devices of the preferred kind."""
    if device not in ("auto", "cuda"):
        return [device]
    return [d for d in list_devices() if d.startswith("cuda")] or list_devices()[:1]
