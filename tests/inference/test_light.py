"""A face that is darker, brighter, flatter or harsher than the training faces is brought to their limits."""

import json

import pytest
import torch

from fer_core.inference.inputs import limit_light, to_input
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.network import Network
from fer_core.models.preprocess import Light, Preprocessing
from fer_core.runs.config import build_config
from fer_core.runs.run import Run
from fer_core.training.augment import augment
from fer_core.training.loader import build_preprocessing
from tests.helpers.samples import make_dataset

LIMITS = Light(0.3, 0.7, 0.1, 0.3)


def make_face(mean, std):
    """(1, 1, 48, 48): half of the pixels lie a deviation above the mean, half below."""
    half = torch.full((24, 48), mean + std)
    return torch.cat([half, torch.full((24, 48), mean - std)])[None, None]


@pytest.mark.parametrize(
    ("mean", "std", "mean_after", "std_after"),
    [
        pytest.param(0.5, 0.2, 0.5, 0.2, id="within the limits"),
        pytest.param(0.1, 0.05, 0.3, 0.1, id="dark and flat"),
        pytest.param(0.9, 0.1, 0.7, 0.1, id="bright"),
        pytest.param(0.5, 0.4, 0.5, 0.3, id="harsh"),
        pytest.param(0.02, 0.001, 0.3, 0.01, id="next to nothing: noise is not made into a face"),
        pytest.param(0.0, 0.0, 0.3, 0.0, id="black"),
    ],
)
def test_a_face_beyond_the_limits_is_brought_to_them(mean, std, mean_after, std_after):
    found = limit_light(make_face(mean, std), LIMITS)
    assert found.mean() == pytest.approx(mean_after, abs=1e-6)
    assert found.std(correction=0) == pytest.approx(std_after, abs=1e-6)


def test_a_face_within_the_limits_stays_as_it_is_to_the_bit_beside_one_that_does_not():
    faces = torch.rand(2, 1, 48, 48, generator=torch.Generator().manual_seed(0)) * 0.8
    faces[1] *= 0.1
    found = limit_light(faces, LIMITS)
    assert torch.equal(found[0], faces[0])
    assert found[1].mean() == pytest.approx(0.3, abs=1e-6)


def test_one_face_in_twenty_lies_beyond_each_limit(tmp_path):
    dataset = make_dataset(tmp_path, n_per_class=60)
    light = build_preprocessing(dataset, build_config({"dataset": "tiny"})).light
    pixels = dataset.faces[dataset.rows("train")].reshape(len(dataset.rows("train")), -1) / 255
    for values, low, high in ((pixels.mean(1), light.darkest, light.brightest),
                              (pixels.std(1), light.flattest, light.harshest)):  # fmt: skip
        assert (values < low).mean() == pytest.approx(0.05, abs=0.01)
        assert (values > high).mean() == pytest.approx(0.05, abs=0.01)


def test_same_gives_all_faces_one_mean_and_deviation_and_as_is_changes_none(tmp_path):
    dataset = make_dataset(tmp_path)
    faces = torch.from_numpy(dataset.faces[dataset.rows("train")])
    same, as_is = (
        to_input(faces, build_preprocessing(dataset, build_config({"dataset": "tiny", "light": light})))
        for light in ("same", "as_is")
    )
    for x, n in ((same, 1), (as_is, len(faces))):
        assert len(x.mean((1, 2, 3)).round(decimals=3).unique()) == pytest.approx(n, abs=n // 4)


def test_faces_in_training_are_brought_to_the_limits_after_their_light_was_changed():
    dark = (torch.rand(64, 48, 48, generator=torch.Generator().manual_seed(1)) * 40).to(torch.uint8)
    config = build_config({"dataset": "tiny", "brightness": 0.2, "contrast": 0.2})
    x = augment(
        dark,
        config,
        Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), light=LIMITS),
        torch.Generator().manual_seed(0),
    )
    means = x.mean((1, 2, 3)) * 0.25 + 0.5
    assert means.min() >= 0.3 - 1e-6
    assert (means < 0.3 + 1e-6).any()


def test_the_limits_are_kept_in_the_weights_and_older_weights_have_none(tmp_path):
    preprocessing = Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,), light=LIMITS)
    write_weights(
        tmp_path / "a.safetensors",
        Network(model=build_model("compact_small"), name="compact_small", preprocessing=preprocessing),
    )
    assert read_network(tmp_path / "a.safetensors").preprocessing.light == LIMITS


def test_a_run_from_before_goes_on_with_its_faces_as_they_are(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"dataset": "tiny", "model": "compact"}))
    assert Run(tmp_path).config.light == "as_is"
    assert build_config({"dataset": "tiny"}).light == "limits"
    (tmp_path / "config.json").write_text(json.dumps({"dataset": "tiny", "model": "compact", "light": "same"}))
    assert Run(tmp_path).config.light == "same"
