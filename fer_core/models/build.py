"""From a name to a network with the right input channels, head and dropout."""

from collections.abc import Callable

from torch import nn
from torchvision import models as tv

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.compact import Compact
from fer_core.models.names import MODEL_NAMES

_COMPACT_WIDTH = {"compact": 32, "compact_small": 16}
_TORCHVISION: dict[str, Callable[..., nn.Module]] = {
    "resnet18": tv.resnet18,
    "resnet34": tv.resnet34,
    "resnet50": tv.resnet50,
    "vgg19_bn": tv.vgg19_bn,
    "efficientnet_b0": tv.efficientnet_b0,
    "efficientnet_b1": tv.efficientnet_b1,
    "efficientnet_b2": tv.efficientnet_b2,
    "efficientnet_b3": tv.efficientnet_b3,
    "mobilenet_v3_small": tv.mobilenet_v3_small,
    "mobilenet_v3_large": tv.mobilenet_v3_large,
}


def build_model(name: str, channels: int = 1, dropout: float = 0.0) -> nn.Module:
    """A freshly initialised network: (B, channels, H, W) float -> logits (B, 7).

    Args:
        name: one of `fer_core.models.names.MODEL_NAMES`.
        channels: input channels, 1 or 3; the first convolution is replaced when it differs from 3.
        dropout: share of features dropped before the last layer.

    Raises:
        InputError: for an unknown name.
    """
    if name in _COMPACT_WIDTH:
        return Compact(channels, N_EXPRESSIONS, dropout, _COMPACT_WIDTH[name])
    if name not in _TORCHVISION:
        raise InputError(f"Unknown model {name!r}: choose one of {', '.join(MODEL_NAMES)}.")
    model = _TORCHVISION[name]()
    _replace_head(model, dropout)
    if channels != 3:
        _replace_first_conv(model, channels)
    return model


def target_layer(model: nn.Module) -> nn.Module:
    """The layer whose feature maps Grad-CAM weighs: the deepest one that still has some resolution."""
    if isinstance(model, Compact):
        return model.stages[2]  # 6 x 6 at 48 px; the last stage's 3 x 3 says little about where
    if isinstance(model, tv.ResNet):
        return model.layer3  # 3 x 3 at 48 px, 14 x 14 at 224 px
    if isinstance(model, tv.VGG):
        return model.features[-2]  # before the last pooling
    if isinstance(model, tv.EfficientNet):
        return model.features[5]  # stride 16
    if isinstance(model, tv.MobileNetV3):
        return model.features[-4]  # before the last stride where there is one
    raise InputError(f"No Grad-CAM layer is known for {type(model).__name__}.")


def _replace_head(model: nn.Module, dropout: float) -> None:
    if isinstance(model, tv.ResNet):
        model.fc = nn.Sequential(nn.Dropout(dropout), nn.Linear(model.fc.in_features, N_EXPRESSIONS))
        return
    head = model.classifier
    assert isinstance(head, nn.Sequential)
    last = head[-1]
    assert isinstance(last, nn.Linear)
    head[-1] = nn.Linear(last.in_features, N_EXPRESSIONS)
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
