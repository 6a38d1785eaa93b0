"""Where a network's first weights come from: nowhere, ImageNet, a file, or an earlier run."""

from pathlib import Path
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from fer_core.checkpoints import read_state_dict
from fer_core.errors import InputError
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.names import TIMM
from fer_core.preprocess import IMAGENET_MEAN, IMAGENET_STD
from fer_core.runs import get_run


def init_weights(model: nn.Module, name: str, init: str, input_px: int = 0) -> str:
    """Fills `model` as a config's `init` says and returns a sentence that says what was loaded.

    Args:
        model: network from `build_model`, changed in place.
        name: its architecture's name.
        init: scratch, imagenet, file:PATH or run:RUN_ID.
        input_px: as in `build_model`.

    Raises:
        InputError: when the weights cannot be had or do not fit the architecture.
    """
    kind, _, where = init.partition(":")
    if kind == "scratch":
        return "random first weights"
    if kind == "imagenet":
        state = _imagenet_state(name, input_px)
    else:
        path = Path(where).expanduser() if kind == "file" else get_run(where).best_weights
        state = read_state_dict(path)
    n_loaded, n_all = load_matching(model, state)
    if n_loaded < n_all / 2:
        raise InputError(
            f"The weights of {init} fit only {n_loaded} of the {n_all} tensors of {name}: they belong to another "
            "architecture. Choose weights of the same model."
        )
    return f"{n_loaded} of {n_all} tensors from {init}"


def load_matching(model: nn.Module, state: dict[str, Tensor]) -> tuple[int, int]:
    """Copies the tensors that fit by name and shape; returns how many were copied, and of how many.

    The first convolution also takes weights for another number of input channels: three are summed
    into one (a grey picture is three equal channels), one is spread over three. A last layer of one head becomes the
    first of two.
    """
    own = model.state_dict()
    fitting = {}
    for key, tensor in own.items():
        candidate = state.get(key)
        if candidate is None:
            continue
        if candidate.shape == tensor.shape:
            fitting[key] = candidate
        elif len(candidate) == N_EXPRESSIONS and len(tensor) == 2 * N_EXPRESSIONS:
            fitting[key] = torch.cat([candidate, tensor[N_EXPRESSIONS:]])
        elif candidate.ndim == 4 and candidate.shape[0] == tensor.shape[0] and candidate.shape[2:] == tensor.shape[2:]:
            if tensor.shape[1] == 1 and candidate.shape[1] == 3:
                fitting[key] = candidate.sum(1, keepdim=True)
            elif tensor.shape[1] == 3 and candidate.shape[1] == 1:
                fitting[key] = candidate.repeat(1, 3, 1, 1) / 3
    model.load_state_dict(fitting, strict=False)
    return len(fitting), len(own)


def pretrained_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, std) of a channel, 0 to 1, with which the ImageNet weights of that architecture were trained."""
    if name.startswith(TIMM):
        from fer_core.models.timm_nets import timm_statistics

        return timm_statistics(name)
    return IMAGENET_MEAN, IMAGENET_STD


def _imagenet_state(name: str, input_px: int) -> dict[str, Tensor]:
    if name.startswith(TIMM):
        from fer_core.models.timm_nets import timm_pretrained_state

        return timm_pretrained_state(name, input_px)
    if name.startswith("compact"):
        raise InputError(f"{name} has no ImageNet weights. Choose init=scratch, or one of torchvision's models.")
    from torchvision.models import get_model_weights

    weights = get_model_weights(name).DEFAULT
    try:
        return weights.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError) as error:
        file = Path(urlparse(weights.url).path).name
        folder = Path(torch.hub.get_dir()) / "checkpoints"
        raise InputError(
            f"The ImageNet weights of {name} could not be fetched ({error}). Download {weights.url} on a machine "
            f"with internet, put the file {file} into {folder}, and start again."
        ) from error
