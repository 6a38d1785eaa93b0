"""The initial weights of a network: random, ImageNet's, from a file, or from an earlier run."""

from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from fer_core.errors import InputError
from fer_core.models.families import find_family
from fer_core.models.foreign_weights import Match, fit_shapes, match_names
from fer_core.models.half import shorten
from fer_core.models.state_files import read_state_dict

_IMAGENET_CLASSES = 1000


def init_weights(model: nn.Module, name: str, init: str, input_px: int = 0, run_weights: Path | None = None) -> str:
    """Initialises `model` according to a config's `init` and returns a sentence about what was loaded.

    Args:
        model: network from `build_model`, changed in place.
        name: its architecture's name.
        init: scratch, imagenet, file:PATH (absolute, as TrainConfig makes it) or run:RUN_ID.
        input_px: as in `build_model`.
        run_weights: the weights file of the run that `init` names.

    Raises:
        InputError: if the weights are not available or do not fit the architecture.
    """
    kind, _, where = init.partition(":")
    if kind == "scratch":
        return "random initial weights"
    state = (
        find_family(name).load().read_imagenet(name, input_px)
        if kind == "imagenet"
        else read_state_dict(run_weights or Path(where))
    )
    match = match_names(state, model.state_dict())
    n_all = len(model.state_dict())
    if match.rivals and len(match.state) >= n_all / 2:
        raise InputError(
            f"{init} contains several networks that fit {name} ({_list([match.prefix, *match.rivals])}). "
            "Save the one you mean in its own file."
        )
    n_loaded = load_matching(model, match.state)
    if n_loaded < n_all / 2:
        raise InputError(_explain_misfit(init, name, state, model.state_dict(), match))
    return f"{n_loaded} of {n_all} tensors from {init}{_tell_match(match)}"


def load_matching(model: nn.Module, state: dict[str, Tensor]) -> int:
    """Copies the tensors that fit by name and shape, as `adapt_tensor` does; returns how many were copied."""
    own = model.state_dict()
    fitting = {
        name: adapt_tensor(state[name], tensor)
        for name, tensor in own.items()
        if name in state and fit_shapes(state[name], tensor)
    }
    model.load_state_dict(fitting, strict=False)
    return len(fitting)


def adapt_tensor(candidate: Tensor, tensor: Tensor) -> Tensor:
    """`candidate` in the shape of `tensor`; `fit_shapes` must be True for them.

    The first convolution also accepts weights for another number of input channels: three are summed into one (a grey
    picture is three equal channels), one is spread over three. A last layer with one head becomes the first of two
    heads, and of two heads the first becomes the only one.
    """
    if candidate.shape == tensor.shape:
        return candidate
    if candidate.shape[0] > tensor.shape[0]:
        return candidate[: len(tensor)]
    if candidate.shape[0] < tensor.shape[0]:
        return torch.cat([candidate, tensor[len(candidate) :]])
    return candidate.sum(1, keepdim=True) if tensor.shape[1] == 1 else candidate.repeat(1, 3, 1, 1) / 3


def pretrained_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, std) of a channel, 0 to 1, with which the ImageNet weights of that architecture were trained."""
    return find_family(name).load().imagenet_statistics(name)


def write_imagenet(name: str, folder: Path) -> Path:
    """Writes the ImageNet weights of that architecture, kernels in float16, and returns the file's path.

    `init=imagenet` on another machine finds the file by its name in the folder `checkpoints` of torch's hub. The unused
    layer of ImageNet's 1000 classes is zero, so that it takes no space in a zip file.

    Raises:
        InputError: if the weights are not available.
    """
    family = find_family(name).load()
    path = folder / family.find_imagenet_file(name).name
    whole = {
        key: torch.zeros_like(tensor) if tensor.shape[:1] == (_IMAGENET_CLASSES,) else tensor
        for key, tensor in family.read_imagenet(name, 0).items()
    }
    state = {key: tensor.contiguous() for key, tensor in shorten(whole).items()}
    if path.suffix == ".safetensors":
        path.write_bytes(save(state))
    else:
        torch.save(state, path)
    return path


def _tell_match(match: Match) -> str:
    """A note on the weights that were loaded; "" if there is nothing to note."""
    notes = [f"under {match.prefix}"] if match.prefix else []
    if match.misfits:
        notes.append(f"{len(match.misfits)} of another shape ignored, for example {match.misfits[0]}")
    n_more = match.n_unused - len(match.misfits)
    if n_more:
        notes.append(f"{n_more} not part of the network ignored")
    return f" ({'; '.join(notes)})" if notes else ""


def _explain_misfit(init: str, name: str, state: dict[str, Tensor], own: dict[str, Tensor], match: Match) -> str:
    """The message for weights of which too few fit, with some of the names on either side."""
    why = "they belong to another architecture or use other tensor names"
    if len(match.misfits) > len(match.state):
        odd = match.misfits[0]
        found = _below_prefix(state, match.prefix, odd)
        why = f"some have the same name but another shape ({odd}: found {found}, expected {tuple(own[odd].shape)})"
    missing = [key for key in own if key not in match.state]
    return (
        f"The weights of {init} fit only {len(match.state)} of the {len(own)} tensors of {name}: {why}. Found: "
        f"{_list(list(state))}; expected: {_list(missing)}. Choose weights of the same model."
    )


def _below_prefix(state: dict[str, Tensor], prefix: str, name: str) -> str:
    return next((str(tuple(t.shape)) for key, t in state.items() if key.endswith(name) and key.startswith(prefix)), "?")


def _list(names: list[str]) -> str:
    return ", ".join(name or "(no prefix)" for name in names[:3]) + (", ..." if len(names) > 3 else "")
