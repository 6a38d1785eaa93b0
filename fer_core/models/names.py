"""The available architectures, with a description for choosing one. No torch here.

Each network is an entry of NETWORKS, which `--model`, `fer train --help` and the Train page use.
"""

from dataclasses import dataclass, field
from typing import Any

from fer_core.errors import InputError


@dataclass(frozen=True)
class Spec:
    """One network.

    Attributes:
        about: a description for choosing a network.
        family: of `fer_core.models.families.FAMILIES`.
        options: for the family, beyond channels, outputs and dropout; `network` is the family's name for it.
        min_px: smallest side of the input.
    """

    about: str
    family: str
    options: dict[str, Any] = field(default_factory=dict)
    min_px: int = 1


def _own(about: str, network: str, **options: Any) -> Spec:
    return Spec(about, "own", {"network": network, **options})


def _torchvision(about: str, network: str, min_px: int = 1, **options: Any) -> Spec:
    return Spec(about, "torchvision", {"network": network, **options}, min_px)


NETWORKS: dict[str, Spec] = {
    "compact": _own(
        "the project's residual network for 48 to 64 px, 2.8 M parameters, designed for CPUs", "compact", width=32
    ),
    "compact_small": _own("compact with half the channels, 0.7 M parameters, four times as fast", "compact", width=16),
    "late": _own(
        "the project's larger network: 5.3 M parameters, 3.7 times the arithmetic of compact, at 12 and 6 px", "late"
    ),
    "repvgg": _own(
        "RepVGG for 48 px: plain 3x3 convolutions after training, 2.5 M parameters",
        "repvgg",
        widths=(48, 96, 192, 256),
    ),
    "repvgg_wide": _own("the same with 1.5 times the channels, 5.5 M parameters", "repvgg", widths=(72, 144, 288, 384)),
    "resnet18": _torchvision("ResNet-18, 11.2 M parameters", "resnet18"),
    "resnet18_cifar": _torchvision(
        "ResNet-18 for small inputs (CIFAR): 3x3 stem without stride or pooling, 11.2 M parameters",
        "resnet18",
        small_stem=True,
    ),
    "resnet34": _torchvision("ResNet-34, 21.3 M parameters", "resnet34"),
    "resnet50": _torchvision("ResNet-50, 23.5 M parameters", "resnet50"),
    "vgg13_bn": _torchvision("VGG-13 with batch norm, 129.0 M parameters", "vgg13_bn", min_px=32),
    "vgg19_bn": _torchvision("VGG-19 with batch norm, 139.6 M parameters", "vgg19_bn", min_px=32),
    "efficientnet_b0": _torchvision("EfficientNet-B0, 4.0 M parameters", "efficientnet_b0"),
    "efficientnet_b1": _torchvision("EfficientNet-B1, 6.5 M parameters", "efficientnet_b1"),
    "efficientnet_b2": _torchvision("EfficientNet-B2, 7.7 M parameters", "efficientnet_b2"),
    "efficientnet_b3": _torchvision("EfficientNet-B3, 10.7 M parameters", "efficientnet_b3"),
    "mobilenet_v3_small": _torchvision("MobileNetV3 small, 1.5 M parameters", "mobilenet_v3_small"),
    "mobilenet_v3_large": _torchvision("MobileNetV3 large, 4.2 M parameters", "mobilenet_v3_large"),
}
MODELS: dict[str, str] = {name: spec.about for name, spec in NETWORKS.items()}
MODEL_NAMES: tuple[str, ...] = tuple(NETWORKS)


def find_imagenet(name: str) -> str:
    """torchvision's name of the network whose ImageNet weights fit this one of NETWORKS.

    Raises:
        InputError: if there are none.
    """
    if NETWORKS[name].family != "torchvision":
        raise InputError(f"init: {name} has no ImageNet weights. Choose init=scratch, or one of torchvision's models.")
    return str(NETWORKS[name].options["network"])
