"""Networks ready to classify, by run or by path."""

import io

import numpy as np
import pytest
from PIL import Image

from fer_core.errors import InputError
from fer_core.inference.classifier import FaceClassifier
from fer_core.inference.photo import FacePrediction
from fer_core.models.build import build_model
from fer_core.models.network import Network
from fer_core.models.preprocess import Preprocessing
from fer_core.runs.find import get_run
from fer_core.runs.network import load_network

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48)).astype(np.uint8)


@pytest.fixture(scope="module")
def network():
    return Network(
        model=build_model("compact_small").eval(),
        name="compact_small",
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )


def test_a_run_its_folder_and_its_weights_file_are_one_network():
    run = get_run("bundled")
    each = [load_network(which).predict_faces(FACES) for which in ("bundled", run.path, str(run.best_weights))]
    assert np.array_equal(each[0], each[1])
    assert np.array_equal(each[0], each[2])
    assert np.allclose(each[0].sum(1), 1)


def test_a_run_that_does_not_exist_is_a_sentence():
    with pytest.raises(InputError, match="There is no run 'nothing'"):
        load_network("nothing")


def test_a_path_without_weights_is_a_sentence(tmp_path):
    with pytest.raises(InputError, match="There is no weights file"):
        load_network(tmp_path)


def test_a_photo_is_taken_as_path_bytes_or_picture(network, tmp_path, monkeypatch):
    photo = Image.new("RGB", (80, 60), "grey")
    photo.save(tmp_path / "photo.png")
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    monkeypatch.chdir(tmp_path)
    given = ["photo.png", tmp_path / "photo.png", buffer.getvalue(), photo, photo.convert("L")]
    probs = [FaceClassifier(network).predict(each)[0].probs for each in given]
    assert all(np.array_equal(probs[0], each) for each in probs)


@pytest.mark.parametrize("faces", [FACES[0], FACES.astype(np.float32)], ids=["one face", "no bytes"])
def test_other_arrays_than_faces_are_refused(network, faces):
    with pytest.raises(InputError, match=r"Expected an array of faces \(N, H, W\) uint8"):
        FaceClassifier(network).predict_faces(faces)


def test_an_expression_may_be_spelt_as_data_sets_do_and_an_unknown_one_is_a_sentence(network):
    face = FacePrediction(box=None, face=FACES[0], probs=np.eye(7)[3], network=network)
    assert np.array_equal(face.explain("happiness"), face.explain())
    with pytest.raises(InputError, match="Unknown expression 'bored': choose one of angry"):
        face.explain("bored")
