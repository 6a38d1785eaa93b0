"""Checks whether a config can be trained on a data set, before anything starts. No torch here."""

from pathlib import Path

from fer_core.base.devices import list_devices, resolve_device
from fer_core.base.extras import need_extra
from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.models.families import check_input, find_family
from fer_core.runs.config import TrainConfig
from fer_core.runs.find import get_run
from fer_core.runs.masks import check_sources, choose_sources
from fer_core.runs.origins.teachers import check_teachers
from fer_core.runs.run_weights import explain_no_weights


def check_fits(config: TrainConfig, dataset: Dataset, *, ask_packages: bool = True) -> None:
    """Refuses a config that names something missing, or that does not fit the data set.

    Args:
        config: of a training.
        dataset: of the config, opened with `fer_core.runs.training_data.open_training`.
        ask_packages: also ask the package that defines the network's name, which imports torch; if False, only
            check that the package is installed.

    Raises:
        InputError: one sentence that begins with the field.
    """
    config = choose_sources(config, dataset)
    _check_network(config, ask_packages)
    _check_start(config)
    _check_faces(config, dataset)
    check_teachers(config.teachers, config.teacher_views, dataset.info.size_px)
    check_sources(config, dataset)
    _check_devices(config, len(dataset.rows("train")))


def _check_network(config: TrainConfig, ask_packages: bool) -> None:
    """Refuses missing networks, packages and ImageNet weights."""
    family = find_family(config.model)
    for package in family.packages:
        need_extra(package, f"model: {config.model}")
    if ask_packages or not family.packages:
        family.check(config.model, config.init == "imagenet", config.crop_px)
    if config.tensorboard:
        need_extra("tensorboard", "tensorboard: an event file")


def _check_start(config: TrainConfig) -> None:
    """Refuses missing initial weights."""
    kind, _, where = config.init.partition(":")
    if kind == "file" and not Path(where).is_file():
        raise InputError(f"init: the weights file {where} does not exist. Give the path of an existing file.")
    if kind == "run" and not (weights := get_run(where).best_weights).is_file():
        raise InputError(f"init: {explain_no_weights(weights)}")


def _check_faces(config: TrainConfig, dataset: Dataset) -> None:
    """Refuses faces of the wrong size, and a data set without training or validation faces."""
    face_px = dataset.info.size_px
    check_input(config.model, config.input_px or face_px)
    if config.crop_px > face_px:
        raise InputError(
            f"crop_px: {config.crop_px} exceeds the {face_px} px of the faces of {dataset.name}. Choose a smaller "
            "crop_px, or 0."
        )
    if config.test_views == "ten_crop" and not config.crop_px:
        raise InputError("test_views: ten_crop needs crop_px, such as 44 for faces of 48 px. Set it, or choose flip.")
    if not all(len(dataset.rows(split)) for split in ("train", "val")):
        raise InputError(f"{dataset.name} has no training or no validation faces. Assemble it with another split.")


def _check_devices(config: TrainConfig, n_faces: int) -> None:
    """Refuses more processes than there are devices, and batches that they cannot share equally."""
    n = config.devices
    if n == 1:
        return
    device = resolve_device(config.device)
    if device not in ("cpu", "cuda:0"):
        raise InputError(f"devices: {n} is not possible with device={device}. Choose device=cuda or device=cpu.")
    n_gpus = sum(name.startswith("cuda") for name in list_devices())
    if device == "cuda:0" and n > n_gpus:
        raise InputError(
            f"devices: {n} GPUs were requested, but this machine has {n_gpus}. Choose fewer, or device=cpu."
        )
    if config.batch_size % n or config.batch_size < 2 * n:
        raise InputError(
            f"devices: a batch of {config.batch_size} faces cannot be shared equally by {n} processes with at "
            f"least 2 faces each. Choose a batch_size that is a multiple of {n}."
        )
    if n_faces < config.batch_size:
        raise InputError(
            f"devices: {n} processes need full batches, but {n_faces} training faces do not fill a batch of "
            f"{config.batch_size}. Choose a smaller batch_size, or devices=1."
        )
