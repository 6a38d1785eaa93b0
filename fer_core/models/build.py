"""From a name to a network with the right input channels, head and dropout."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.compact import Compact
from fer_core.models.late import Late
from fer_core.models.names import MODEL_NAMES, NETWORKS, TIMM
from fer_core.models.pointwise import sample_pointwise
from fer_core.models.repvgg import RepVGG
from fer_core.models.staged import Staged


def _torchvision(channels: int, n_outputs: int, dropout: float, **options: Any) -> nn.Module:
    from fer_core.models.torchvision_nets import build_torchvision

    return build_torchvision(channels, n_outputs, dropout, **options)


FAMILIES: dict[str, Callable[..., nn.Module]] = {
    "compact": Compact,
    "late": Late,
    "repvgg": RepVGG,
    "torchvision": _torchvision,
}
"""The family of a `fer_core.models.names.Spec` -> what builds it: from channels, outputs, dropout and its options."""


def build_model(name: str, channels: int = 1, dropout: float = 0.0, n_heads: int = 1, input_px: int = 0) -> nn.Module:
    """A freshly initialised network: (B, channels, H, W) float -> logits (B, 7 * n_heads).

    Args:
        name: one of `fer_core.models.names.MODEL_NAMES`, or timm:NAME.
        channels: input channels, 1 or 3.
        dropout: share of features dropped before the last layer.
        n_heads: 1, or 2 where a second head learns the votes; they are one layer, side by side.
        input_px: side of the input, for those that are made for one size; 0: the size that they are known for.

    Raises:
        InputError: for an unknown name, and for an input that is too small for the network.
    """
    n_outputs = N_EXPRESSIONS * n_heads
    if name.startswith(TIMM):
        from fer_core.models.timm_nets import build_timm

        return sample_pointwise(build_timm(name, channels, dropout, n_outputs, input_px))
    if name not in NETWORKS:
        raise InputError(f"Unknown model {name!r}: choose one of {', '.join(MODEL_NAMES)}, or timm:NAME.")
    spec = NETWORKS[name]
    if 0 < input_px < spec.min_px:
        raise InputError(
            f"{name} takes inputs of {spec.min_px} px or more, got {input_px}. Set input_px={spec.min_px}, or choose "
            "another model."
        )
    return sample_pointwise(FAMILIES[spec.family](channels, n_outputs, dropout, **spec.options))


def target_layer(model: nn.Module) -> nn.Module:
    """The layer whose feature maps Grad-CAM weighs: the deepest one that still has some resolution."""
    if isinstance(model, Staged):
        return model.target_layer
    if _is_timm(model):
        from fer_core.models.timm_nets import timm_target_layer

        return timm_target_layer(model)
    from fer_core.models.torchvision_nets import torchvision_target_layer

    return torchvision_target_layer(model)


def feature_maps(model: nn.Module) -> Callable[[Tensor], Tensor] | None:
    """What makes maps (B, C, H, W) of the target layer's output; None where it gives them already."""
    if not _is_timm(model):
        return None
    from fer_core.models.timm_nets import timm_feature_maps

    return partial(timm_feature_maps, model)


def _is_timm(model: nn.Module) -> bool:
    return hasattr(model, "pretrained_cfg")
