"""torchvision's networks with the right input channels, head and dropout. Importing torchvision costs two seconds."""

from collections.abc import Callable

from torch import nn
from torchvision import models as tv

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


def build_torchvision(name: str, channels: int, dropout: float, n_outputs: int) -> nn.Module:
    """The freshly initialised network of that name; the first convolution is replaced when `channels` is not 3."""
    model = _TORCHVISION[name]()
    _replace_head(model, dropout, n_outputs)
    if channels != 3:
        _replace_first_conv(model, channels)
    return model


def torchvision_target_layer(model: nn.Module) -> nn.Module:
    """Where Grad-CAM looks: the deepest layer that still has some resolution."""
    if isinstance(model, tv.ResNet):
        return model.layer3  # 3 x 3 at 48 px, 14 x 14 at 224 px
    if isinstance(model, tv.VGG):
        return model.features[-2]  # before the last pooling
    if isinstance(model, tv.EfficientNet):
        return model.features[5]  # stride 16
    assert isinstance(model, tv.MobileNetV3)
    return model.features[-4]  # before the last stride where there is one


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
