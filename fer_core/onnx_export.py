"""A trained network as one ONNX file, from grey faces to probabilities, checked against torch before it is kept."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fer_core.checkpoints import Classifier, Ensemble, pack
from fer_core.errors import InputError
from fer_core.evaluate import predict_logits
from fer_core.files import write_atomic
from fer_core.labels import N_EXPRESSIONS
from fer_core.metrics import softmax
from fer_core.views import input_views

N_CHECKED = 64
TOLERANCE = 1e-4  # of a probability


class FacesToLogits(nn.Module):
    """All that `predict_logits` does to a face, as one module: preprocessing, views, networks, temperature."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.temperature = network.temperature
        self.members = nn.ModuleList()
        if isinstance(network, Ensemble):
            self.members.extend(map(FacesToLogits, network.members))
            self.shares = [weight / sum(network.weights) for weight in network.weights]
        else:
            self.model, self.preprocessing = network.model, network.preprocessing

    def forward(self, faces: Tensor) -> Tensor:
        """(N, face_px, face_px) uint8 -> (N, 7) logits; the views go through a network as one batch."""
        if self.members:
            pairs = zip(self.members, self.shares, strict=True)
            mean = torch.stack([member(faces).softmax(1) * share for member, share in pairs]).sum(0)
            return mean.log() / self.temperature
        views = list(input_views(faces, self.preprocessing))
        log_probs = self.model(torch.cat(views))[:, :N_EXPRESSIONS].log_softmax(1)
        return log_probs.unflatten(0, (len(views), -1)).logsumexp(0) / self.temperature


def write_onnx(path: Path, network: Classifier, faces: np.ndarray) -> float:
    """Writes the network with all around it (`FacesToLogits`) for batches of any size, and checks the file on faces.

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
    side = network.face_px
    if not len(faces) or faces.shape[1:] != (side, side):
        raise InputError(f"The ONNX file is checked on faces of {side} px. Name a data set that has some: --check-on.")
    differences = []

    def write(temporary: Path) -> None:
        _write_graph(temporary, network)
        differences.append(_check(temporary, network, faces[:N_CHECKED]))

    write_atomic(path, write)
    return differences[0]


def _write_graph(path: Path, network: Classifier) -> None:
    side = network.face_px
    two_faces = torch.zeros(2, side, side, dtype=torch.uint8)  # a batch of one would be taken for a constant
    try:
        program = torch.onnx.export(
            nn.Sequential(FacesToLogits(network), nn.Softmax(1)).eval(),
            (two_faces,),
            input_names=["faces"],
            output_names=["probabilities"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise InputError(f"torch cannot write this network as ONNX ({error}). Export without --onnx.") from error
    assert program is not None
    program.model.metadata_props.update(
        {
            **pack(network)[1],
            "input": f"faces: uint8 (n, {side}, {side}), grey, cut out upright; all else is in the graph",
            "output": "probabilities: float32 (n, 7), in the order of expressions",
        }
    )
    program.save(path)


def _check(path: Path, network: Classifier, faces: np.ndarray) -> float:
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
