"""From a photograph to seven probabilities for each face in it."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from fer_core.inference.logits import predict_logits, refuse_no_numbers
from fer_core.labels import EXPRESSIONS
from fer_core.models.network import Classifier
from fer_core.models.probabilities import softmax
from fer_core.pictures.crop import crop_face
from fer_core.pictures.detector import FaceBox, find_faces


@dataclass(frozen=True)
class FacePrediction:
    """One face of a photograph, classified.

    Attributes:
        box: where it is, or None when no face was found and the whole photograph was taken.
        face: (S, S) uint8 grey crop, as the network saw it.
        probs: (7,) in the order of EXPRESSIONS.
    """

    box: FaceBox | None
    face: np.ndarray
    probs: np.ndarray

    @property
    def expression(self) -> str:
        """The most probable one."""
        return EXPRESSIONS[int(self.probs.argmax())]

    def to_dict(self) -> dict[str, object]:
        """For --json documents."""
        box = self.box
        return {
            "box": [round(v, 1) for v in (box.left, box.top, box.right, box.bottom)] if box else None,
            "expression": self.expression,
            "probabilities": {e: round(float(p), 6) for e, p in zip(EXPRESSIONS, self.probs, strict=True)},
        }


def predict_photo(network: Classifier, photo: Image.Image, boxes: list[FaceBox] | None = None) -> list[FacePrediction]:
    """Classifies every face, the largest first; the whole photograph when none is found.

    Args:
        network: from `fer_core.models.checkpoints.read_folded`; `fer_core.models.network.ask` chooses the head that
            answers.
        photo: RGB, upright.
        boxes: faces already found; None looks for them.
    """
    found: list[FaceBox | None] = list(find_faces(photo) if boxes is None else boxes)
    found = found or [None]
    faces = np.stack([crop_face(photo, box, network.face_px) for box in found])
    logits = predict_logits(network, faces)
    refuse_no_numbers(logits)
    probs = softmax(logits.astype(np.float64))
    return [FacePrediction(box, face, p) for box, face, p in zip(found, faces, probs, strict=True)]
