"""From a photograph to seven probabilities for each face in it."""

from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from fer_core.errors import InputError
from fer_core.inference.explain import explain_face
from fer_core.inference.heatmap import overlay_heatmap
from fer_core.inference.logits import predict_logits, refuse_no_numbers
from fer_core.labels import EXPRESSIONS, parse_expression
from fer_core.models.network import Classifier
from fer_core.models.probabilities import softmax
from fer_core.pictures.crop import crop_face
from fer_core.pictures.detector import FaceBox, detect_faces


@dataclass(frozen=True, kw_only=True)
class FacePrediction:
    """One face of a photograph, classified.

    Attributes:
        box: where the face is, or None when no face was found and the whole photograph was used.
        face: (S, S) uint8 grey crop, as the network saw it.
        probs: (7,) in the order of EXPRESSIONS, sum 1.
        network: the one that classified it.

    Example:
        >>> prediction = fer.load_network("bundled").predict("photo.jpg")[0]
        >>> prediction.expression
        'happy'
        >>> prediction.probabilities["happy"] > 0.5
        True
    """

    box: FaceBox | None
    face: np.ndarray
    probs: np.ndarray
    network: Classifier = field(repr=False, compare=False)

    @property
    def expression(self) -> str:
        """The most probable expression."""
        return EXPRESSIONS[int(self.probs.argmax())]

    @property
    def probabilities(self) -> dict[str, float]:
        """The probability of each expression."""
        return {name: float(p) for name, p in zip(EXPRESSIONS, self.probs, strict=True)}

    def explain(self, expression: str | None = None) -> np.ndarray:
        """(S, S) float32 Grad-CAM heatmap over the face, 0 to 1: 1 where the expression's score depends on it most.

        Args:
            expression: the class whose score is explained; None: the predicted one.

        Raises:
            InputError: for an unknown expression.

        Example:
            >>> prediction = fer.load_network("bundled").predict("photo.jpg")[0]
            >>> heatmap = prediction.explain("happy")
            >>> heatmap.shape == prediction.face.shape
            True
        """
        name = self.expression if expression is None else parse_expression(expression)
        if name is None:
            raise InputError(f"Unknown expression {expression!r}: choose one of {', '.join(EXPRESSIONS)}.")
        return explain_face(self.network, self.face, name)

    def overlay(self, expression: str | None = None, size: int = 384) -> Image.Image:
        """The face with its heatmap in colour over it, an RGB picture of `size` px a side; raises as `explain`.

        Example:
            >>> fer.load_network("bundled").predict("photo.jpg")[0].overlay().size
            (384, 384)
        """
        return overlay_heatmap(self.face, self.explain(expression), size=size)

    def to_dict(self) -> dict[str, object]:
        """For --json documents."""
        box = self.box
        return {
            "box": [round(v, 1) for v in (box.left, box.top, box.right, box.bottom)] if box else None,
            "expression": self.expression,
            "probabilities": {name: round(p, 6) for name, p in self.probabilities.items()},
        }


def predict_photo(network: Classifier, photo: Image.Image, boxes: list[FaceBox] | None = None) -> list[FacePrediction]:
    """Classifies every face, the largest first; the whole photograph when none is found.

    Args:
        network: from `fer_core.models.checkpoints.read_folded`; `fer_core.models.network.ask` chooses the head.
        photo: RGB, upright.
        boxes: faces already found; None: detect them.
    """
    found: list[FaceBox | None] = list(detect_faces(photo) if boxes is None else boxes)
    found = found or [None]
    faces = np.stack([crop_face(photo, box, network.face_px) for box in found])
    logits = predict_logits(network, faces)
    refuse_no_numbers(logits)
    probs = softmax(logits.astype(np.float64))
    return [
        FacePrediction(box=box, face=face, probs=p, network=network)
        for box, face, p in zip(found, faces, probs, strict=True)
    ]
