"""A trained network as one ONNX file, from grey faces to probabilities, checked against torch before it is kept."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from fer_core.base.files import write_atomic
from fer_core.errors import InputError
from fer_core.inference.logits import predict_heads
from fer_core.inference.views import input_views
from fer_core.labels import N_EXPRESSIONS
from fer_core.models.checkpoints import pack
from fer_core.models.folding import fold_network
from fer_core.models.heads import Head
from fer_core.models.network import Classifier, Ensemble, ask, calibration_of
from fer_core.models.probabilities import softmax

N_CHECKED = 64
TOLERANCE = 1e-4  # of a probability


OUTPUTS: dict[Head, str] = {"labels": "probabilities", "people": "people_probabilities"}


class FacesToLogits(nn.Module):
    """All steps of `predict_heads` as one module: preprocessing, views, networks, heads, calibration."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.calibrations = [calibration_of(ask(network, head)) for head in network.heads]
        self.members = nn.ModuleList()
        if isinstance(network, Ensemble):
            self.members.extend(map(FacesToLogits, network.members))
            self.shares = [weight / sum(network.weights) for weight in network.weights]
        else:
            self.model, self.preprocessing, self.people = network.model, network.preprocessing, network.people

    def forward(self, faces: Tensor) -> tuple[Tensor, ...]:
        """(N, face_px, face_px) uint8 -> (N, 7) logits of each head; the views pass through a network as one batch."""
        probs = self._average(faces) if self.members else self._compute(faces)
        return tuple(c.apply_tensor(p.log()) for c, p in zip(self.calibrations, probs, strict=True))

    def _average(self, faces: Tensor) -> list[Tensor]:
        each = [member(faces) for member in self.members]
        return [
            torch.stack([logits[i].softmax(1) * share for logits, share in zip(each, self.shares, strict=True)]).sum(0)
            for i in range(len(self.calibrations))
        ]

    def _compute(self, faces: Tensor) -> list[Tensor]:
        views = list(input_views(faces, self.preprocessing))
        outputs = self.model(torch.cat(views)).unflatten(0, (len(views), -1))
        labels = outputs[..., :N_EXPRESSIONS].softmax(2).mean(0)
        if not self.people:
            return [labels]
        people = outputs[..., N_EXPRESSIONS : 2 * N_EXPRESSIONS].softmax(2).mean(0)
        return [labels, torch.lerp(labels, people, self.people.share)]


class FacesToProbabilities(nn.Module):
    """The same, with probabilities as output."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.logits = FacesToLogits(network)

    def forward(self, faces: Tensor) -> tuple[Tensor, ...]:
        """(N, face_px, face_px) uint8 -> (N, 7) probabilities of each head."""
        return tuple(logits.softmax(1) for logits in self.logits(faces))


def write_onnx(path: Path, network: Classifier, faces: np.ndarray) -> float:
    """Writes the network with its pre- and post-processing (`FacesToLogits`), and checks the file on faces.

    The batch size is free. The metadata_props describe the inputs and outputs and their order.

    Args:
        path: of the file; it is removed if the check fails.
        network: on the CPU, not folded (the norms are folded in the file).
        faces: (N, face_px, face_px) uint8 for the check; the first 64 are used, in batches of 1, 7 and all.

    Returns:
        The largest difference between a probability of the file and of torch.

    Raises:
        InputError: if the faces have another size, torch cannot export the network, or the probabilities differ.
    """
    side = network.face_px
    if not len(faces) or faces.shape[1:] != (side, side):
        raise InputError(
            f"The ONNX file is checked on faces of {side} px. Give a data set with faces of that size: --check-on NAME."
        )
    differences = []

    def write(temporary: Path) -> None:
        _write_graph(temporary, network)
        differences.append(_check(temporary, network, faces[:N_CHECKED]))

    write_atomic(path, write)
    return differences[0]


def _write_graph(path: Path, network: Classifier) -> None:
    side = network.face_px
    two_faces = torch.zeros(2, side, side, dtype=torch.uint8)  # a batch of one would be exported as a constant
    try:
        program = torch.onnx.export(
            FacesToProbabilities(fold_network(network)).eval(),
            (two_faces,),
            input_names=["faces"],
            output_names=[OUTPUTS[head] for head in network.heads],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            dynamo=True,
            verbose=False,
        )
    except torch.onnx.OnnxExporterError as error:
        raise InputError(f"torch cannot write this network as ONNX ({error}). Export without --onnx.") from error
    assert program is not None
    outputs = " and ".join(OUTPUTS[head] for head in network.heads)
    program.model.metadata_props.update(
        {
            **pack(network)[1],
            "input": f"faces: uint8 (n, {side}, {side}), grey, cropped upright; the graph does all preprocessing",
            "output": f"{outputs}: float32 (n, 7), in the order of expressions",
        }
    )
    program.save(path)


def _check(path: Path, network: Classifier, faces: np.ndarray) -> float:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = InferenceSession(path, options, providers=["CPUExecutionProvider"])
    expected = [softmax(logits.astype(np.float64)) for logits in predict_heads(network, faces).values()]
    difference = max(
        float(np.abs(found - wanted[:n]).max())
        for n in (1, 7, len(faces))
        for found, wanted in zip(session.run(None, {"faces": faces[:n]}), expected, strict=True)
    )
    if not difference < TOLERANCE:
        raise InputError(
            f"The ONNX file's probabilities differ from torch's by up to {difference:.1e} (limit {TOLERANCE:.0e}"
            "), so it was removed. Export without --onnx."
        )
    return difference
