"""Trunk and heads: what is held still while a new head settles, and what is dropped when the training is over."""

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
    """Freezes what is to hold still in epoch `epoch` (from 0), a pure function of the epoch.

    The whole trunk for `freeze_epochs`; then it is let go over `unfreeze_epochs`, from the head downwards (Howard and
    Ruder, ULMFiT, 2018), or at once for 0. Norms go on following the faces' statistics.
    """
    trunk, _ = split_head(model)
    share = (epoch - freeze_epochs + 1) / (unfreeze_epochs + 1) if epoch >= freeze_epochs else 0.0
    n_free = math.ceil(min(share, 1) * len(trunk))
    for i, parameter in enumerate(trunk):
        parameter.requires_grad_(i >= len(trunk) - n_free)


def first_head(model: nn.Module) -> dict[str, Tensor]:
    """The model's state with the first head alone: of the last layer's rows, those that name the expression."""
    n_outputs = len(split_head(model)[1][-1])
    heads = _head_prefixes(model)
    return {
        name: tensor[:N_EXPRESSIONS] if name.startswith(heads) and tensor.shape[:1] == (n_outputs,) else tensor
        for name, tensor in model.state_dict().items()
    }


def _head_prefixes(model: nn.Module) -> tuple[str, ...]:
    """How the names of the head's parameters begin; timm's networks say it themselves, some have two layers there."""
    heads = getattr(model, "pretrained_cfg", {}).get("classifier", _HEADS)
    return tuple(f"{head}." for head in ([heads] if isinstance(heads, str) else heads))


def last_layer(model: nn.Module) -> nn.Linear:
    """The layer whose outputs are the logits.

    Raises:
        InputError: where it is no linear one.
    """
    name = list(dict(model.named_parameters()))[-1].rpartition(".")[0]
    layer = model.get_submodule(name)
    if not isinstance(layer, nn.Linear):
        raise InputError("The last layer of this network is not linear. Train it with votes_weight instead.")
    return layer
