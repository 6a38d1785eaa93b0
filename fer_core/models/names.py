"""The architectures that a config may name, with what a person choosing wants to know. No torch here."""

MODELS: dict[str, str] = {
    "compact": "the project's own residual network for 48 to 64 px, 2.8 M parameters, made for a CPU",
    "compact_small": "the project's own with half the channels, 0.7 M parameters, four times as quick",
    "resnet18": "ResNet-18, 11.2 M parameters",
    "resnet34": "ResNet-34, 21.3 M parameters",
    "resnet50": "ResNet-50, 23.5 M parameters",
    "vgg19_bn": "VGG-19 with batch norm, 139.6 M parameters",
    "efficientnet_b0": "EfficientNet-B0, 4.0 M parameters",
    "efficientnet_b1": "EfficientNet-B1, 6.5 M parameters",
    "efficientnet_b2": "EfficientNet-B2, 7.7 M parameters",
    "efficientnet_b3": "EfficientNet-B3, 10.7 M parameters",
    "mobilenet_v3_small": "MobileNetV3 small, 1.5 M parameters",
    "mobilenet_v3_large": "MobileNetV3 large, 4.2 M parameters",
}
MODEL_NAMES: tuple[str, ...] = tuple(MODELS)
TIMM = "timm:"  # before the name of any network of the package timm


def is_model_name(name: str) -> bool:
    """True for one of MODELS, and for anything of timm's; which names timm knows, only timm can tell."""
    return name in MODELS or (name.startswith(TIMM) and name != TIMM)


def describe_model(name: str) -> str:
    """What a person choosing wants to know of it."""
    return MODELS.get(name, f"{name.removeprefix(TIMM)} of the package timm")
