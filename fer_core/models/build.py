"""Building a network by name, with the right input channels, head and dropout."""

from collections.abc import Callable

from torch import Tensor, nn

from fer_core.labels import N_EXPRESSIONS
from fer_core.models.families import check_input, find_family
from fer_core.models.pointwise import sample_pointwise


def build_model(name: str, channels: int = 1, dropout: float = 0.0, n_heads: int = 1, input_px: int = 0) -> nn.Module:
    """A freshly initialised network: (B, channels, H, W) float -> logits (B, 7 * n_heads).

    Args:
        name: one of `fer_core.models.names.MODEL_NAMES`, or timm:NAME.
        channels: input channels, 1 or 3.
        dropout: share of features dropped before the last layer.
        n_heads: 1, or 2 if a second head learns the votes; both share one layer, side by side.
        input_px: side of the input, for networks with a fixed input size; 0: their default size.

    Raises:
        InputError: for an unknown name, or an input that is too small for the network.
    """
    family = find_family(name)
    check_input(name, input_px)
    return sample_pointwise(family.load().build(name, channels, N_EXPRESSIONS * n_heads, dropout, input_px))


def target_layer(name: str, model: nn.Module) -> nn.Module:
    """The layer whose feature maps Grad-CAM weights: the deepest one with useful resolution.

    Args:
        name: the name that the network was built by.
        model: the network.

    Raises:
        InputError: for a network that cannot be explained.
    """
    return find_family(name).load().find_target_layer(model)


def feature_maps(name: str, model: nn.Module) -> Callable[[Tensor], Tensor] | None:
    """Converts the target layer's output to maps (B, C, H, W); None if it already has that form."""
    return find_family(name).load().find_feature_maps(model)
