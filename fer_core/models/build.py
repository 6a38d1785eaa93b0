"""From a name to a network with the right input channels, head and dropout."""

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.compact import Compact
from fer_core.models.names import MODEL_NAMES, TIMM

_COMPACT_WIDTH = {"compact": 32, "compact_small": 16}


def build_model(name: str, channels: int = 1, dropout: float = 0.0, n_heads: int = 1, input_px: int = 0) -> nn.Module:
    """A freshly initialised network: (B, channels, H, W) float -> logits (B, 7 * n_heads).

    Args:
        name: one of `fer_core.models.names.MODEL_NAMES`, or timm:NAME.
        channels: input channels, 1 or 3.
        dropout: share of features dropped before the last layer.
        n_heads: 1, or 2 where a second head learns the votes; they are one layer, side by side.
        input_px: side of the input, for those that are made for one size; 0: the size that they are known for.

    Raises:
        InputError: for an unknown name.
    """
    if name in _COMPACT_WIDTH:
        return Compact(channels, N_EXPRESSIONS * n_heads, dropout, _COMPACT_WIDTH[name])
    if name.startswith(TIMM):
        from fer_core.models.timm_nets import build_timm

        return build_timm(name, channels, dropout, N_EXPRESSIONS * n_heads, input_px)
    if name not in MODEL_NAMES:
        raise InputError(f"Unknown model {name!r}: choose one of {', '.join(MODEL_NAMES)}, or timm:NAME.")
    from fer_core.models.torchvision_nets import build_torchvision

    return build_torchvision(name, channels, dropout, N_EXPRESSIONS * n_heads)


def target_layer(model: nn.Module) -> nn.Module:
    """The layer whose feature maps Grad-CAM weighs: the deepest one that still has some resolution."""
    if isinstance(model, Compact):
        return model.stages[2]  # 6 x 6 at 48 px; the last stage's 3 x 3 says little about where
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
