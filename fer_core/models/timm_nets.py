"""timm's networks as `timm:NAME`. Importing timm takes seconds, mostly for torch: import it only where needed."""

import difflib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from fer_core.base.extras import install_command, need_extra
from fer_core.errors import InputError
from fer_core.models.packaged_weights import EXTRA, STATISTICS, find_packaged, is_packaged, read_packaged


def find_timm(name: str) -> tuple[str, Any]:
    """timm's own name of the network `timm:NAME`, and its `PretrainedCfg`.

    The name may have a tag of its pretrained weights, as in timm:resnet18.a1_in1k.

    Raises:
        InputError: without timm, and for an unknown name; the message suggests similar ones.
    """
    need_extra("timm", f"model: {name}")
    import timm

    known = timm.list_models() + timm.list_pretrained()
    architecture = name.removeprefix("timm:")
    config = timm.get_pretrained_cfg(architecture) if architecture in known else None
    if config and config.classifier:
        return architecture, config
    close = difflib.get_close_matches(architecture, known, n=5, cutoff=0.5)
    hint = f"did you mean {', '.join(close)}?" if close else "timm.list_models() lists the available ones."
    raise InputError(f"model: timm has no classifier {architecture!r}; {hint} Change model and start again.")


def build(name: str, channels: int, n_outputs: int, dropout: float, input_px: int) -> nn.Module:
    """The freshly initialised network; one with a fixed input size, such as a ViT, is built for `input_px`.

    Raises:
        InputError: as find_timm, and if the network cannot be built for that size.
    """
    architecture, config = find_timm(name)
    import timm

    size = _size(config, input_px)
    try:
        return timm.create_model(architecture, in_chans=channels, num_classes=n_outputs, drop_rate=dropout, **size)
    except (TypeError, ValueError, AssertionError, RuntimeError) as error:
        raise InputError(
            f"model: timm cannot make {architecture} with {channels} channels and {input_px} px ({error}). "
            "Choose another input_px, or another model."
        ) from error


def read_imagenet(name: str, input_px: int) -> dict[str, Tensor]:
    """The pretrained weights, loaded by timm: position tables resized to `input_px`, tensor names of old files updated.

    A file beside torchvision's weights, named after timm's repository, is used first, then the weights in a package
    (`fer_core.models.packaged_weights`); they are downloaded only if there is neither.

    Raises:
        InputError: if there are none, or they cannot be downloaded; the message says which file to put where.
    """
    architecture, config = find_timm(name)
    import timm

    if not config.has_weights:
        raise InputError(f"init: timm has no pretrained weights for {architecture}. Choose init=scratch.")
    file, packaged = find_imagenet_file(name), find_packaged(architecture)
    if packaged and not file.is_file():
        return read_packaged(packaged, timm.create_model(architecture))
    overlay = {"file": str(file), "custom_load": False} if file.is_file() else None
    size = _size(config, input_px)
    try:
        return timm.create_model(architecture, pretrained=True, pretrained_cfg_overlay=overlay, **size).state_dict()
    except (OSError, RuntimeError) as error:
        extra = (
            f"Run {install_command(EXTRA)}, which installs them, or download"
            if is_packaged(architecture)
            else "Download"
        )
        raise InputError(
            f"The pretrained weights of {architecture} could not be loaded ({error}). {extra} {_url(config)} on a "
            f"machine with internet access, save it as {file.name} in {file.parent}, and try again."
        ) from error


def find_imagenet_file(name: str) -> Path:
    """Where users may put the pretrained weights of the network, so that nothing is downloaded."""
    _, config = find_timm(name)
    file_name = (
        f"{Path(config.hf_hub_id).name}.safetensors" if config.hf_hub_id else Path(urlparse(config.url).path).name
    )
    return Path(torch.hub.get_dir()) / "checkpoints" / file_name


def imagenet_statistics(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, std) of a channel, 0 to 1, that the pretrained weights were trained with."""
    architecture, config = find_timm(name)
    return STATISTICS if is_packaged(architecture) else (tuple(config.mean), tuple(config.std))


def find_target_layer(model: Any) -> nn.Module:
    """The layer for Grad-CAM: the deepest stage of stride 16 or less; in a ViT, the input norm of the last block.

    Raises:
        InputError: for networks that have neither.
    """
    if _is_vit(model):
        return model.blocks[-1].norm1
    fine = [stage["module"] for stage in getattr(model, "feature_info", []) if stage["reduction"] <= 16]
    if not fine:
        raise _not_explained(model)
    return model.get_submodule(fine[-1])


def find_feature_maps(model: Any) -> Callable[[Tensor], Tensor]:
    """Converts the target layer's output to maps (B, C, H, W)."""
    return partial(_arrange_maps, model)


def _arrange_maps(model: Any, features: Tensor) -> Tensor:
    """The target layer's output as maps (B, C, H, W); the tokens of a ViT are arranged in rows.

    Raises:
        InputError: for features that are neither.
    """
    if _is_vit(model):
        return features[:, model.num_prefix_tokens :].transpose(1, 2).unflatten(2, model.patch_embed.grid_size)
    if not isinstance(features, Tensor) or features.ndim != 4 or features.shape[2] != features.shape[3]:
        raise _not_explained(model)
    return features


def _is_vit(model: nn.Module) -> bool:
    from timm.models import beit, eva, vision_transformer

    return isinstance(model, (vision_transformer.VisionTransformer, beit.Beit, eva.Eva))


def _not_explained(model: nn.Module) -> InputError:
    kind = type(model).__name__
    return InputError(
        f"Grad-CAM explains convolutional networks and plain ViTs, not timm's {kind}. Choose another run."
    )


def _url(config: Any) -> str:
    hub = f"https://huggingface.co/{config.hf_hub_id}/resolve/main/model.safetensors"
    return hub if config.hf_hub_id else str(config.url)


def _size(config: Any, input_px: int) -> dict[str, Any]:
    return {"img_size": input_px} if input_px and config.fixed_input_size else {}
