"""The ONNX file, run by onnxruntime, where its packages are installed."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_core.errors import InputError
from fer_core.export import onnx
from fer_core.export.onnx import write_onnx
from fer_core.inference.logits import predict_logits
from fer_core.labels import EXPRESSIONS
from fer_core.models.build import build_model
from fer_core.models.network import Calibration, Ensemble, Network
from fer_core.models.preprocess import Light, Preprocessing
from fer_core.models.probabilities import softmax

ort = pytest.importorskip("onnxruntime")
pytest.importorskip("onnxscript")

SMALLER = Preprocessing(face_px=48, input_px=24, channels=1, mean=(0.5,), std=(0.25,), crop_px=0, views="flip")
FACES = np.random.default_rng(0).integers(0, 256, (64, 48, 48)).astype(np.uint8)


def network(preprocessing, name="compact_small", temperature=0.4):
    torch.manual_seed(0)
    model = build_model(name, preprocessing.channels, input_px=preprocessing.input_px).eval()
    return Network(model=model, name=name, preprocessing=preprocessing, calibration=Calibration(temperature))


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(network, its file): to write one takes seconds."""
    trained, path = network(SMALLER), tmp_path_factory.mktemp("onnx") / "a.onnx"
    write_onnx(path, trained, FACES)
    return trained, path


def assert_equal_at_any_batch_size(trained, path):
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    expected = softmax(predict_logits(trained, FACES).astype(np.float64))
    assert expected.std() > 0.01
    for n in (1, 2, 5, 33):
        assert np.allclose(session.run(None, {"faces": FACES[:n]})[0], expected[:n], atol=1e-5)


def test_grey_faces_alone_give_the_probabilities_that_torch_gives_at_any_batch_size(exported):
    assert_equal_at_any_batch_size(*exported)


@pytest.mark.slow
def test_an_ensemble_is_one_file_too(tmp_path):
    members = network(SMALLER), network(replace(SMALLER, input_px=32, views="one"), temperature=1.5)
    both = Ensemble(members=members, weights=(2, 1), calibration=Calibration(0.8))
    write_onnx(tmp_path / "both.onnx", both, FACES)
    assert_equal_at_any_batch_size(both, tmp_path / "both.onnx")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("preprocessing", "name"),
    [
        pytest.param(
            Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), crop_px=0, views="one"),
            "compact_small",
            id="the face alone",
        ),
        pytest.param(
            Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), crop_px=44, views="ten_crop"),
            "compact_small",
            id="ten crops",
        ),
        pytest.param(
            Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), crop_px=0, views="wide"),
            "compact_small",
            id="wide",
        ),
        pytest.param(
            Preprocessing(
                face_px=48,
                input_px=48,
                channels=1,
                mean=(0.5,),
                std=(0.25,),
                crop_px=0,
                views="flip",
                light=Light(0.3, 0.7, 0.4, 0.5),
            ),
            "compact_small",
            id="light within limits",
        ),
        pytest.param(
            Preprocessing(face_px=48, input_px=64, channels=3, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.4)),
            "compact_small",
            id="larger, colour",
        ),
        pytest.param(
            Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)), "resnet18", id="torchvision's"
        ),
        pytest.param(
            Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
            "timm:vit_tiny_patch16_224",
            id="a ViT of timm",
        ),
    ],
)
def test_so_they_do_with_other_preprocessing_views_and_networks(tmp_path, preprocessing, name):
    if name.startswith("timm:"):
        pytest.importorskip("timm")
    trained = network(preprocessing, name)
    assert write_onnx(tmp_path / "a.onnx", trained, FACES) < 1e-5
    assert_equal_at_any_batch_size(trained, tmp_path / "a.onnx")


def test_its_metadata_tell_the_label_order_and_what_goes_in(exported):
    told = ort.InferenceSession(exported[1]).get_modelmeta().custom_metadata_map
    assert tuple(json.loads(told["expressions"])) == EXPRESSIONS
    assert told["input"].startswith("faces: uint8 (n, 48, 48), grey")
    assert json.loads(told["preprocessing"])["input_px"] == 24
    assert json.loads(told["temperature"]) == 0.4


def test_a_file_that_gives_other_probabilities_is_not_kept(exported, tmp_path, monkeypatch):
    trained, path = exported
    monkeypatch.setattr(onnx, "_write_graph", lambda place, network: shutil.copyfile(path, place))
    assert write_onnx(tmp_path / "a.onnx", trained, FACES) < 1e-5
    (tmp_path / "a.onnx").unlink()
    with pytest.raises(InputError, match=r"differ from torch's by up to .* so it was removed"):
        write_onnx(tmp_path / "a.onnx", replace(trained, calibration=Calibration(0.41)), FACES)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("faces", [FACES[:0], FACES[:, :40, :40]], ids=["none", "of another size"])
def test_faces_that_cannot_check_it_are_refused(tmp_path, faces):
    with pytest.raises(
        InputError, match=r"checked on faces of 48 px\. Give a data set with faces of that size: --check-on NAME\."
    ):
        write_onnx(tmp_path / "a.onnx", network(SMALLER), faces)
