"""The families of networks: their names, the modules that build them, and what is known without torch.

A family is one entry of FAMILIES and a module with the functions of `FamilyModule`. Nothing of torch is imported here;
`Family.load` imports the module, and torch with it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from fer_core.errors import InputError
from fer_core.models.names import MODEL_NAMES, NETWORKS, find_imagenet

if TYPE_CHECKING:
    from torch import Tensor, nn


class FamilyModule(Protocol):
    """The functions in the module of a family."""

    def build(self, name: str, channels: int, n_outputs: int, dropout: float, input_px: int) -> "nn.Module":
        """The freshly initialised network: (B, channels, H, W) float -> (B, n_outputs)."""

    def find_target_layer(self, model: "nn.Module") -> "nn.Module":
        """The layer whose feature maps Grad-CAM weights: the deepest one with useful resolution."""

    def find_feature_maps(self, model: "nn.Module") -> "Callable[[Tensor], Tensor] | None":
        """Converts the target layer's output to maps (B, C, H, W); None if it already has that form."""

    def read_imagenet(self, name: str, input_px: int) -> "dict[str, Tensor]":
        """The tensors of the ImageNet weights; raises InputError if they are not available."""

    def find_imagenet_file(self, name: str) -> Path:
        """Where users may put the ImageNet weights, so that nothing is downloaded."""

    def imagenet_statistics(self, name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """(mean, std) of a channel, 0 to 1, that the ImageNet weights were trained with."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """Networks that are built and initialised in the same way.

    Attributes:
        module: of `fer_core.models`, with the functions of `FamilyModule`.
        check: raises InputError if a network of that name is not available, with ImageNet weights or without, and
            with this crop size in px (0: whole faces).
        prefix: of the names that only the package knows; "": all names are in NETWORKS.
        packages: those whose versions are written to `run.json`, besides torch and torchvision.
    """

    module: str
    check: Callable[[str, bool, int], None]
    prefix: str = ""
    packages: tuple[str, ...] = ()

    def load(self) -> FamilyModule:
        """The family's module; importing it imports torch."""
        return cast(FamilyModule, import_module(f"fer_core.models.{self.module}"))


def _check_listed(name: str, imagenet: bool, crop_px: int) -> None:
    if imagenet:
        find_imagenet(name)


def _check_timm(name: str, imagenet: bool, crop_px: int) -> None:
    from fer_core.models.timm_nets import find_timm  # timm alone knows its names, and it imports torch

    _, known = find_timm(name)
    if crop_px and known.fixed_input_size:
        raise InputError(f"crop_px: {name} needs a fixed input size, which crops change. Set crop_px to 0.")


FAMILIES: dict[str, Family] = {
    "own": Family(module="own_nets", check=_check_listed),
    "torchvision": Family(module="torchvision_nets", check=_check_listed),
    "timm": Family(module="timm_nets", check=_check_timm, prefix="timm:", packages=("timm",)),
}


def find_family(name: str) -> Family:
    """The family of a network's name.

    Raises:
        InputError: for an unknown name; the message lists the known ones.
    """
    if name in NETWORKS:
        return FAMILIES[NETWORKS[name].family]
    for family in FAMILIES.values():
        if family.prefix and name.startswith(family.prefix) and name != family.prefix:
            return family
    raise InputError(f"Unknown model {name!r}: choose {list_names()}.")


def check_input(name: str, input_px: int) -> None:
    """Refuses an input that is too small for the network; 0 is its default size.

    Raises:
        InputError: with the smallest side that it accepts.
    """
    min_px = NETWORKS[name].min_px if name in NETWORKS else 1
    if 0 < input_px < min_px:
        raise InputError(
            f"{name} needs inputs of {min_px} px or more, got {input_px}. Set input_px={min_px}, or choose "
            "another model."
        )


def is_model_name(name: str) -> bool:
    """True for one of NETWORKS and for any name with a package's prefix; only timm knows which names it has."""
    try:
        find_family(name)
    except InputError:
        return False
    return True


def list_names() -> str:
    """A phrase for messages: `one of compact, late, ..., or timm:NAME`."""
    others = [f"{family.prefix}NAME" for family in FAMILIES.values() if family.prefix]
    return f"one of {', '.join(MODEL_NAMES)}, or {' or '.join(others)}"


def describe_model(name: str) -> str:
    """A description for choosing a network."""
    if name in NETWORKS:
        return NETWORKS[name].about
    package, _, architecture = name.partition(":")
    return f"{architecture} of the package {package}"
