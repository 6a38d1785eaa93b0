import numpy as np
import torch
from PIL import Image

from fer_core.inference.photo import predict_photo
from fer_core.models.build import build_model
from fer_core.models.network import Network
from fer_core.models.preprocess import Preprocessing
from fer_core.pictures.detector import FaceBox

POINTS = np.array([[40, 50], [60, 50], [50, 60], [43, 72], [57, 72]], dtype=float)


def network():
    torch.manual_seed(0)
    return Network(
        model=build_model("compact_small").eval(),
        name="compact_small",
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )


def test_every_box_gets_probabilities_that_sum_to_one():
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (120, 120, 3)).astype(np.uint8))
    boxes = [
        FaceBox(left=20, top=20, right=80, bottom=90, score=0.9, landmarks=POINTS),
        FaceBox(left=25, top=25, right=70, bottom=80, score=0.8, landmarks=POINTS + 5),
    ]
    first, second = predict_photo(network(), photo, boxes)
    assert first.box is boxes[0]
    assert first.face.shape == (48, 48)
    assert abs(first.probs.sum() - 1) < 1e-9
    assert not np.array_equal(first.face, second.face)
    document = first.to_dict()
    assert document["expression"] == max(document["probabilities"], key=document["probabilities"].get)


def test_a_photo_without_a_face_is_taken_whole():
    (only,) = predict_photo(network(), Image.new("RGB", (100, 60), "grey"), [])
    assert only.box is None
    assert only.to_dict()["box"] is None
