"""`best.safetensors`: the weights of a network with everything needed to use it."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from fer_core.base.files import reading, write_atomic
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.models.folding import fold_network
from fer_core.models.freezing import first_head
from fer_core.models.half import pack_half, round_state
from fer_core.models.network import Calibration, Classifier, Ensemble, Network, People
from fer_core.models.preprocess import Light, Preprocessing
from fer_core.models.state_files import read_state_dict


def write_weights(path: Path, network: Classifier, rounded: bool = False) -> None:
    """Writes the weights, with the rest of the network and the label order in the safetensors metadata.

    A tensor that float16 represents exactly is stored as float16. In an ensemble, the tensors of member i have the
    prefix "i.", and its metadata is in the list `members`.

    Args:
        path: of the file, replaced when the new one is complete.
        network: not changed.
        rounded: whether to round matrices and kernels to float16 (`fer_core.models.half`).
    """
    state, metadata = pack(network)
    state = pack_half(round_state(state) if rounded else state)
    content = save(state, metadata)  # save_file would make a file that other users cannot read
    write_atomic(path, lambda temporary: temporary.write_bytes(content))


def read_network(path: Path, device: str = "cpu") -> Classifier:
    """The network or ensemble in a weights file that this project wrote, in evaluation mode on `device`.

    Raises:
        InputError: if the file is missing, damaged, from another program, or has another label order.
    """
    metadata = _read_metadata(path)
    if not {"preprocessing", "members"} & set(metadata):
        raise InputError(f"{path} was not written by this project: its preprocessing is missing. Train a run first.")
    if tuple(json.loads(metadata["expressions"])) != EXPRESSIONS:
        raise InputError(f"{path} has the label order {metadata['expressions']}, expected {list(EXPRESSIONS)}.")
    return _unpack(read_state_dict(path), metadata, device)


def read_folded(path: Path, device: str = "cpu") -> Classifier:
    """The same, folded (`fer_core.models.folding`): faster for inference, and never to be written.

    Raises:
        InputError: as read_network.
    """
    return fold_network(read_network(path, device))


def pack(network: Classifier) -> tuple[dict[str, Tensor], dict[str, str]]:
    """(tensors, metadata) of a weights file; the metadata describe the rest of the network."""
    metadata = {"expressions": json.dumps(EXPRESSIONS), **_describe_calibration(network.calibration)}
    if network.people:
        people = {"share": network.people.share, **asdict(network.people.calibration)}
        metadata["people"] = json.dumps(people)
    if isinstance(network, Ensemble):
        packed = [pack(member) for member in network.members]
        state = {f"{i}.{key}": tensor for i, (tensors, _) in enumerate(packed) for key, tensor in tensors.items()}
        members = json.dumps([described for _, described in packed])
        return state, {**metadata, "members": members, "weights": json.dumps(network.weights)}
    assert not network.folded, "a folded network has lost the norms that its file needs"
    state = network.model.state_dict() if network.people else first_head(network.model)
    state = {key: tensor.detach().cpu().contiguous() for key, tensor in state.items()}
    preprocessing = json.dumps(asdict(network.preprocessing))
    return state, {**metadata, "model": network.name, "preprocessing": preprocessing}


def _unpack(state: dict[str, Tensor], metadata: dict[str, str], device: str) -> Classifier:
    """The reverse of pack."""
    calibration = _read_calibration({name: json.loads(metadata[name]) for name in _CALIBRATION if name in metadata})
    people = None
    if "people" in metadata:
        stored = json.loads(metadata["people"])
        people = People(stored["share"], _read_calibration(stored))
    if "members" in metadata:
        members = tuple(
            _unpack(_below(f"{i}.", state), described, device)
            for i, described in enumerate(json.loads(metadata["members"]))
        )
        return Ensemble(
            members=members, weights=tuple(json.loads(metadata["weights"])), calibration=calibration, people=people
        )
    stored = json.loads(metadata["preprocessing"])
    light = Light(*stored["light"]) if stored.get("light") else None
    statistics = {name: tuple(stored[name]) for name in ("mean", "std")}
    preprocessing = Preprocessing(**{**stored, **statistics, "light": light})
    n_heads = 2 if people else 1
    model = build_model(metadata["model"], preprocessing.channels, 0.0, n_heads, preprocessing.input_px)
    model.load_state_dict(state)
    model = model.to(device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    return Network(
        model=model, name=metadata["model"], preprocessing=preprocessing, calibration=calibration, people=people
    )


_CALIBRATION = ("temperature", "biases")


def _describe_calibration(calibration: Calibration) -> dict[str, str]:
    return {name: json.dumps(value) for name, value in asdict(calibration).items()}


def _read_calibration(stored: Mapping[str, Any]) -> Calibration:
    """Files of earlier versions have a temperature alone."""
    plain = Calibration()
    return Calibration(float(stored.get("temperature", 1)), tuple(stored.get("biases", plain.biases)))


def _below(prefix: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): tensor for key, tensor in state.items() if key.startswith(prefix)}


def _read_metadata(path: Path) -> dict[str, str]:
    if not path.exists():
        raise InputError(f"There is no weights file at {path}. Train a run first, or wait for its first epoch.")
    with reading(path, "a weights file"), safe_open(path, framework="pt") as file:
        return file.metadata() or {}
