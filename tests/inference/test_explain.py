from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from fer_core.inference.explain import explain_face
from fer_core.inference.heatmap import overlay_heatmap, to_png
from fer_core.inference.logits import predict_logits
from fer_core.labels import EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.models.network import Network
from fer_core.models.preprocess import Preprocessing

FACE = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)


@pytest.mark.parametrize("name", ["compact_small", "resnet18", "mobilenet_v3_small"])
def test_a_heatmap_has_the_faces_shape_and_lies_between_0_and_1(name):
    torch.manual_seed(0)
    network = Network(
        model=build_model(name).eval(),
        name=name,
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )
    before = predict_logits(network, FACE[None])
    heatmap = explain_face(network, FACE, "sad")
    assert heatmap.shape == (48, 48)
    assert 0 <= heatmap.min() <= heatmap.max() <= 1
    assert not any(module._forward_hooks or module._backward_hooks for module in network.model.modules())
    assert np.array_equal(before, predict_logits(network, FACE[None]))


def test_threads_that_explain_on_one_network_at_a_time_get_what_each_would_get_alone():
    torch.manual_seed(0)
    network = Network(
        model=build_model("compact_small").eval(),
        name="compact_small",
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )
    alone = [explain_face(network, FACE, expression) for expression in EXPRESSIONS]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            together = list(pool.map(lambda expression: explain_face(network, FACE, expression), EXPRESSIONS))
            assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(alone, together, strict=True))


def test_an_overlay_of_strength_0_is_the_face_and_of_1_is_the_heat():
    heatmap = np.ones((48, 48), np.float32)
    plain, hidden = (np.asarray(overlay_heatmap(FACE, heatmap, strength, 48)) for strength in (0, 1))
    assert np.array_equal(plain, np.repeat(FACE[..., None], 3, 2))
    assert (hidden == (252, 255, 164)).all()


def test_the_picture_to_download_is_a_png():
    assert to_png(overlay_heatmap(FACE, np.zeros((48, 48)))).startswith(b"\x89PNG")
