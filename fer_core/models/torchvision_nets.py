"""torchvision's networks with the right input channels, head and dropout. Importing torchvision takes two seconds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import Tensor, nn
from torchvision import models as tv

from fer_core.errors import InputError
from fer_core.models.names import NETWORKS, find_imagenet
from fer_core.models.preprocess import IMAGENET_MEAN, IMAGENET_STD

_TORCHVISION: dict[str, Callable[..., nn.Module]] = {
    "resnet18": tv.resnet18,
    "resnet34": tv.resnet34,
    "resnet50": tv.resnet50,
    "vgg13_bn": tv.vgg13_bn,
    "vgg19_bn": tv.vgg19_bn,
    "efficientnet_b0": tv.efficientnet_b0,
    "efficientnet_b1": tv.efficientnet_b1,
    "efficientnet_b2": tv.efficientnet_b2,
    "efficientnet_b3": tv.efficientnet_b3,
    "mobilenet_v3_small": tv.mobilenet_v3_small,
    "mobilenet_v3_large": tv.mobilenet_v3_large,
}


def build(name: str, channels: int, n_outputs: int, dropout: float, input_px: int) -> nn.Module:
    """The freshly initialised network, for inputs of any size; its first convolution is new when `channels` is not 3.

    With the option `small_stem` a ResNet has the stem of He et al., 2016, for CIFAR's 32 px: 3x3, no stride, no
    pooling.
    """
    options = NETWORKS[name].options
    model = _TORCHVISION[options["network"]]()
    _replace_head(model, dropout, n_outputs)
    if options.get("small_stem"):
        assert isinstance(model, tv.ResNet)
        model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(model.conv1.weight, mode="fan_out", nonlinearity="relu")
        model.maxpool = nn.Identity()
    if channels != 3:
        _replace_first_conv(model, channels)
    return model


def find_target_layer(model: nn.Module) -> nn.Module:
    """The layer for Grad-CAM: the deepest one with useful resolution."""
    if isinstance(model, tv.ResNet):
        return model.layer3  # 3 x 3 at 48 px (12 x 12 with the small stem), 14 x 14 at 224 px
    if isinstance(model, tv.VGG):
        return model.features[-2]  # before the last pooling
    if isinstance(model, tv.EfficientNet):
        return model.features[5]  # stride 16
    assert isinstance(model, tv.MobileNetV3)
    return model.features[-4]  # before the last stride where there is one


def find_feature_maps(model: nn.Module) -> None:
    """None: the target layer's output is already in the form of maps."""


def read_imagenet(name: str, input_px: int) -> dict[str, Tensor]:
    """The tensors of torchvision's ImageNet weights, downloaded if necessary.

    Raises:
        InputError: if they cannot be downloaded; the message says which file to put where.
    """
    weights, file = _weights(name), find_imagenet_file(name)
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        raise InputError(
            f"The ImageNet weights of {name} could not be downloaded ({error}). Download {weights.url} on a "
            f"machine with internet access, save it as {file.name} in {file.parent}, and try again."
        ) from error


def find_imagenet_file(name: str) -> Path:
    """The path of torchvision's weights after the download."""
    return Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(_weights(name).url).path).name


def imagenet_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """ImageNet's (mean, std) of a channel, 0 to 1."""
    return IMAGENET_MEAN, IMAGENET_STD


def _weights(name: str) -> Any:
    return tv.get_model_weights(find_imagenet(name)).DEFAULT


def _replace_head(model: nn.Module, dropout: float, n_outputs: int) -> None:
    if isinstance(model, tv.ResNet):
        model.fc = nn.Sequential(nn.Dropout(dropout), nn.Linear(model.fc.in_features, n_outputs))
        return
    head = model.classifier
    assert isinstance(head, nn.Sequential)
    last = head[-1]
    assert isinstance(last, nn.Linear)
    head[-1] = nn.Linear(last.in_features, n_outputs)
    for layer in head:
        if isinstance(layer, nn.Dropout):
            layer.p = dropout


def _replace_first_conv(model: nn.Module, channels: int) -> None:
    for parent in model.modules():
        for child_name, child in parent.named_children():
            if isinstance(child, nn.Conv2d):
                conv = nn.Conv2d(
                    channels,
                    child.out_channels,
                    child.kernel_size,  # type: ignore[arg-type]
                    child.stride,  # type: ignore[arg-type]
                    child.padding,  # type: ignore[arg-type]
                    bias=child.bias is not None,
                )
                nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
                setattr(parent, child_name, conv)
                return
