"""Files of named tensors from any program, read without running any code in them."""

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from fer_core.errors import InputError
from fer_core.models.foreign_weights import flatten_state
from fer_core.models.half import unpack_half

# What programs save with the weights: numpy numbers and command-line options, which run no code when they are read.
_PLAIN_DATA: list[Any] = [np._core.multiarray.scalar, np._core.multiarray._reconstruct, np.dtype, np.ndarray]  # type: ignore[attr-defined]
_PLAIN_DATA += [type(np.dtype(kind)) for kind in ("f2", "f4", "f8", "i4", "i8", "u1", "?")] + [argparse.Namespace]


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Dotted name -> tensor (on the CPU) of a safetensors file, or of one that torch.save wrote; no code in it is run.

    Tensors of 16 bits are returned as float32. The names of nested dicts are joined: {"state_dict": {"conv1.weight":
    w}} gives "state_dict.conv1.weight".

    Raises:
        InputError: if there is no such file, it is damaged, contains a whole pickled module, or has no tensors.
    """
    if not path.is_file():
        raise InputError(f"There is no weights file at {path}. Give the path of a .safetensors, .pt or .pth file.")
    try:
        if _is_safetensors(path):
            with safe_open(path, framework="pt") as file:
                return unpack_half({key: file.get_tensor(key) for key in file.keys()})  # noqa: SIM118  (not a dict)
        with torch.serialization.safe_globals(_PLAIN_DATA):
            document = torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # what a damaged file makes of the unpickler is anything
        raise InputError(_explain_unreadable(path, error)) from error
    tensors = flatten_state(document)
    if not tensors:
        raise InputError(f"{path} contains no named tensors. Save a model's state_dict() and pass that file.")
    return unpack_half(tensors)


def _is_safetensors(path: Path) -> bool:
    """By its suffix or its content, which begins with a length and then JSON."""
    with path.open("rb") as file:
        return path.suffix == ".safetensors" or file.read(9)[8:] == b"{"


def _explain_unreadable(path: Path, error: Exception) -> str:
    """The message for a file that torch or safetensors cannot read."""
    text = str(error)
    found = re.search(r"Unsupported (?:global: GLOBAL|class) ([\w.]+)", text)
    if found:
        return (
            f"{path} contains a pickled object ({found[1]}), and reading it could run any code, so it was not "
            "read. Save model.state_dict() with torch.save where it was made, and give that file."
        )
    if "TorchScript" in text:
        return f"{path} is a TorchScript program, not weights. Save the model's state_dict() and give that file."
    if isinstance(error, OSError) and error.strerror:
        return f"{path} cannot be read as weights ({error.strerror}). Check its permissions, or give another file."
    # Not torch's own text: it advises to load the file with weights_only=False, which may run any code.
    return (
        f"{path} cannot be read as weights: it is damaged, or was not written by torch.save or safetensors. Copy it "
        "again, or save the model's state_dict() as a .safetensors file."
    )
