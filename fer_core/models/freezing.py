"""Trunk and heads: freezing the trunk while a new head settles, and dropping the second head after training."""

import math

from torch import Tensor, nn

from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS

_HEADS = ("head", "fc", "classifier")  # the project's own, torchvision's ResNets' and all its others'


def split_head(model: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(trunk, head) parameters, the trunk's from the input to the output."""
    heads = _head_prefixes(model)
    named = list(model.named_parameters())
    trunk = [parameter for name, parameter in named if not name.startswith(heads)]
    return trunk, [parameter for name, parameter in named if name.startswith(heads)]


def freeze_trunk(model: nn.Module, epoch: int, freeze_epochs: int, unfreeze_epochs: int) -> None:
    """Freezes the parameters that do not train in epoch `epoch` (from 0), a pure function of the epoch.

    The whole trunk is frozen for `freeze_epochs`, then unfrozen over `unfreeze_epochs` from the head downwards (Howard
    and Ruder, ULMFiT, 2018), or at once for 0. Norms keep updating their statistics.
    """
    trunk, _ = split_head(model)
    share = (epoch - freeze_epochs + 1) / (unfreeze_epochs + 1) if epoch >= freeze_epochs else 0.0
    n_free = math.ceil(min(share, 1) * len(trunk))
    for i, parameter in enumerate(trunk):
        parameter.requires_grad_(i >= len(trunk) - n_free)


def first_head(model: nn.Module) -> dict[str, Tensor]:
    """The model's state with the first head only: the rows of the last layer for the labels."""
    n_outputs = len(split_head(model)[1][-1])
    heads = _head_prefixes(model)
    return {
        name: tensor[:N_EXPRESSIONS] if name.startswith(heads) and tensor.shape[:1] == (n_outputs,) else tensor
        for name, tensor in model.state_dict().items()
    }


def _head_prefixes(model: nn.Module) -> tuple[str, ...]:
    """The prefixes of the head's parameter names; timm's networks define theirs, and some have two layers there."""
    heads = getattr(model, "pretrained_cfg", {}).get("classifier", _HEADS)
    return tuple(f"{head}." for head in ([heads] if isinstance(heads, str) else heads))


def last_layer(model: nn.Module) -> nn.Linear:
    """The layer whose outputs are the logits.

    Raises:
        InputError: if it is not linear.
    """
    name = list(dict(model.named_parameters()))[-1].rpartition(".")[0]
    layer = model.get_submodule(name)
    if not isinstance(layer, nn.Linear):
        raise InputError("The last layer of this network is not linear. Train it with votes_weight instead.")
    return layer
