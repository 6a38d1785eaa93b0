"""Folding norms and branches into the preceding convolutions: the same outputs with less work. Never written.

In evaluation mode a batch norm is a factor and an addend per channel, which the convolution can absorb.
"""

import copy
import logging
from dataclasses import replace
from typing import Any

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fer_core.models.network import Classifier, Ensemble
from fer_core.models.repvgg import RepBlock

_LOG = logging.getLogger(__name__)


def fold_network(network: Classifier) -> Classifier:
    """The network with a folded copy of its model (`fold_norms`); for an ensemble, of each member."""
    if isinstance(network, Ensemble):
        return replace(network, members=tuple(fold_network(member) for member in network.members))
    return network if network.folded else replace(network, model=fold_norms(network.model), folded=True)


def fold_norms(model: nn.Module) -> nn.Module:
    """A copy of the model in evaluation mode whose modules keep their names; folded norms become identities.

    RepVGG's branches are folded, and each norm that is the only consumer of a convolution's output. Others stay, as do
    all norms of a network that torch.fx cannot trace.
    """
    folded = copy.deepcopy(model).eval()
    for module in folded.modules():
        if isinstance(module, RepBlock):
            module.fold_branches()
    for conv_name, norm_name in _find_pairs(folded):
        conv, norm = folded.get_submodule(conv_name), folded.get_submodule(norm_name)
        assert isinstance(conv, nn.Conv2d)
        assert isinstance(norm, nn.BatchNorm2d)
        folded.set_submodule(conv_name, fuse_conv_bn_eval(conv, norm))
        folded.set_submodule(norm_name, _rest(norm))
    return folded.to(memory_format=torch.channels_last)


class _Tracer(fx.Tracer):
    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        """Treats norms and convolutions of any package as leaves."""
        return isinstance(module, (nn.BatchNorm2d, nn.Conv2d)) or super().is_leaf_module(module, name)


def _find_pairs(model: nn.Module) -> list[tuple[str, str]]:
    """Names of (convolution, norm) pairs, each called once, the norm being the only consumer of the convolution."""
    try:
        nodes = list(_Tracer().trace(model).nodes)
    except Exception as error:  # what a network does to its input is anything
        _LOG.info("not folded: torch.fx cannot follow %s (%s)", type(model).__name__, error)
        return []
    called = [str(node.target) for node in nodes if node.op == "call_module"]
    return [
        (str(node.args[0].target), str(node.target))
        for node in nodes
        if _calls(node, model, nn.BatchNorm2d)
        and _calls(node.args[0], model, nn.Conv2d)
        and len(node.args[0].users) == 1
        and called.count(str(node.target)) == called.count(str(node.args[0].target)) == 1
        and _can_fold(model.get_submodule(str(node.args[0].target)), model.get_submodule(str(node.target)))
    ]


def _calls(node: Any, model: nn.Module, kind: type[nn.Module]) -> bool:
    return node.op == "call_module" and isinstance(model.get_submodule(str(node.target)), kind)


def _can_fold(conv: nn.Module, norm: nn.Module) -> bool:
    """Known types only: others, such as convolutions that normalise their own weights, may do more."""
    is_plain = type(norm) is nn.BatchNorm2d or {"drop", "act"} <= {name for name, _ in norm.named_children()}
    return type(conv) is nn.Conv2d and is_plain and getattr(norm, "running_var", None) is not None


def _rest(norm: nn.BatchNorm2d) -> nn.Module:
    """What a norm does besides normalising: nothing, or for timm's norms a dropout and an activation."""
    if type(norm) is nn.BatchNorm2d:
        return nn.Identity()
    return nn.Sequential(norm.get_submodule("drop"), norm.get_submodule("act"))
