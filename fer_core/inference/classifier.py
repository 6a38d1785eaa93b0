"""A network ready to classify photographs and face crops."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from fer_core.base.workspace import absolute_path
from fer_core.errors import InputError
from fer_core.inference.logits import predict_logits, refuse_no_numbers
from fer_core.inference.photo import FacePrediction, predict_photo
from fer_core.models.network import Classifier
from fer_core.models.probabilities import softmax
from fer_core.pictures.photo import flatten, read_photo

Photo = str | Path | bytes | Image.Image
"""A picture's path, the bytes of its file, or the picture itself."""


@dataclass(frozen=True)
class FaceClassifier:
    """A trained network, ready to classify; returned by `load_network`.

    Attributes:
        network: uses the requested head.

    Example:
        >>> classifier = fer.load_network("bundled")
        >>> [face.expression for face in classifier.predict("photo.jpg")]
        ['happy']
        >>> classifier.face_px
        48
    """

    network: Classifier = field(repr=False)

    @property
    def face_px(self) -> int:
        """Side of the network's face crops, px."""
        return self.network.face_px

    def predict(self, photo: Photo) -> list[FacePrediction]:
        """Finds and classifies the faces in a photograph, the largest first; if none is found, the whole photograph.

        Args:
            photo: its path (~ is the home folder), the bytes of its file, or an upright Pillow picture.

        Raises:
            InputError: if there is no such file, or it is not a picture.

        Example:
            >>> face = fer.load_network("bundled").predict("photo.jpg")[0]
            >>> face.expression, face.face.shape
            ('happy', (48, 48))
        """
        return predict_photo(self.network, _open(photo))

    def predict_faces(self, faces: np.ndarray) -> np.ndarray:
        """(N, 7) probabilities, in the order of EXPRESSIONS, of face crops such as `Dataset.faces`.

        Args:
            faces: (N, H, W) uint8, grey and upright; H and W should be `face_px`, other sizes are resized.

        Raises:
            InputError: for an array of another shape or type.

        Example:
            >>> data = fer.open_dataset("demo")
            >>> fer.load_network("bundled").predict_faces(data.faces[:10]).shape
            (10, 7)
        """
        if faces.ndim != 3 or faces.dtype != np.uint8:
            raise InputError(
                f"Expected an array of faces (N, H, W) uint8, got {faces.shape} {faces.dtype}. "
                "Convert the faces to grey, 0 to 255; a single face is face[None]."
            )
        logits = predict_logits(self.network, faces)
        refuse_no_numbers(logits)
        return softmax(logits.astype(np.float64))


def _open(photo: Photo) -> Image.Image:
    if isinstance(photo, Image.Image):
        return flatten(photo).convert("RGB")
    if isinstance(photo, bytes):
        return read_photo(photo, "The picture")
    path = absolute_path(photo)
    return read_photo(path, path.name)
