"""A trained network as one ONNX file, from grey faces to probabilities, checked against torch before it is kept."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fer_core.checkpoints import Network
from fer_core.errors import InputError
from fer_core.evaluate import predict_logits
from fer_core.files import write_atomic
from fer_core.labels import EXPRESSIONS, N_EXPRESSIONS
from fer_core.metrics import softmax
from fer_core.views import input_views

N_CHECKED = 64
TOLERANCE = 1e-4  # of a probability


class Classifier(nn.Module):
    """All that happens to a face, as one module: preprocessing, views, network, temperature."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.model, self.preprocessing, self.temperature = network.model, network.preprocessing, network.temperature

    def forward(self, faces: Tensor) -> Tensor:
        """(N, face_px, face_px) uint8 -> (N, 7) probabilities; the views go through the network as one batch."""
        views = list(input_views(faces, self.preprocessing))
        log_probs = self.model(torch.cat(views))[:, :N_EXPRESSIONS].log_softmax(1)
        return (log_probs.unflatten(0, (len(views), -1)).logsumexp(0) / self.temperature).softmax(1)


def write_onnx(path: Path, network: Network, faces: np.ndarray) -> float:
    """Writes the network with all around it (`Classifier`) for batches of any size, and checks the file on faces.

    Its metadata_props say what goes in and what comes out, in which order.

    Args:
        path: of the file; nothing is there when the check fails.
        network: on the CPU.
        faces: (N, face_px, face_px) uint8 to check it on; the first 64 are taken, in batches of 1, 7 and all.

    Returns:
        The largest difference of a probability from what torch gives.

    Raises:
        InputError: when the faces have another size, torch cannot write it, or the file gives other probabilities.
    """
    side = network.preprocessing.face_px
    if not len(faces) or faces.shape[1:] != (side, side):
        raise InputError(f"The ONNX file is checked on faces of {side} px. Name a data set that has some: --check-on.")
    differences = []

    def write(temporary: Path) -> None:
        _write_graph(temporary, network)
        differences.append(_check(temporary, network, faces[:N_CHECKED]))

    write_atomic(path, write)
    return differences[0]


def _write_graph(path: Path, network: Network) -> None:
    side = network.preprocessing.face_px
    two_faces = torch.zeros(2, side, side, dtype=torch.uint8)  # a batch of one would be taken for a constant
    try:
        program = torch.onnx.export(
            Classifier(network).eval(),
            (two_faces,),
            input_names=["faces"],
            output_names=["probabilities"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise InputError(f"torch cannot write {network.name} as ONNX ({error}). Export without --onnx.") from error
    assert program is not None
    program.model.metadata_props.update(
        {
            "expressions": json.dumps(EXPRESSIONS),
            "input": f"faces: uint8 (n, {side}, {side}), grey, cut out upright; all else is in the graph",
            "output": "probabilities: float32 (n, 7), in the order of expressions",
            "model": network.name,
            "preprocessing": json.dumps(asdict(network.preprocessing)),
            "temperature": json.dumps(network.temperature),
        }
    )
    program.save(path)


def _check(path: Path, network: Network, faces: np.ndarray) -> float:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
    expected = softmax(predict_logits(network, faces).astype(np.float64))
    difference = max(
        float(np.abs(session.run(None, {"faces": faces[:n]})[0] - expected[:n]).max()) for n in (1, 7, len(faces))
    )
    if not difference < TOLERANCE:
        raise InputError(
            f"The ONNX file's probabilities differ from torch's by up to {difference:.1e}, more than {TOLERANCE:.0e}, "
            "so it was removed. Export without --onnx."
        )
    return difference
