"""The project's own networks, all built of stages (`Staged`); none of them has ImageNet weights."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from torch import nn

from fer_core.models.compact import Compact
from fer_core.models.late import Late
from fer_core.models.names import NETWORKS, find_imagenet
from fer_core.models.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fer_core.models.repvgg import RepVGG
from fer_core.models.staged import Staged

_BUILDERS: dict[str, Callable[..., Staged]] = {"compact": Compact, "late": Late, "repvgg": RepVGG}


def build(name: str, channels: int, n_outputs: int, dropout: float, input_px: int) -> nn.Module:
    """The freshly initialised network, for inputs of any size."""
    options = dict(NETWORKS[name].options)
    return _BUILDERS[options.pop("network")](channels, n_outputs, dropout, **options)


def find_target_layer(model: nn.Module) -> nn.Module:
    """The layer for Grad-CAM, which the network defines."""
    assert isinstance(model, Staged)
    return model.target_layer


def find_feature_maps(model: nn.Module) -> None:
    """None: the target layer's output is already in the form of maps."""


def read_imagenet(name: str, input_px: int) -> NoReturn:
    """Raises InputError: there are none."""
    _refuse(name)


def find_imagenet_file(name: str) -> Path:
    """Raises InputError: there is none."""
    _refuse(name)


def imagenet_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """ImageNet's (mean, std) of a channel, 0 to 1."""
    return IMAGENET_MEAN, IMAGENET_STD


def _refuse(name: str) -> NoReturn:
    find_imagenet(name)
    raise AssertionError(name)
