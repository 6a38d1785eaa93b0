"""`fer predict`: what it refuses before the work, and what it prints whatever happens to the heatmap."""

import json
import os

import numpy as np
import pytest
from PIL import Image

from fer_core.inference.heatmap import overlay_heatmap
from tests.helpers.command import call
from tests.helpers.photo import draw_photo


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    draw_photo(("happy",), 320, 3).save(path)
    return path


@pytest.fixture
def no_work(monkeypatch):
    def read(*_):
        raise AssertionError("the network was read before the target was checked")

    monkeypatch.setattr("fer_core.models.checkpoints.read_folded", read)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        pytest.param("why", "the suffix (none) is not that of an image format. Write to", id="no suffix"),
        pytest.param("why.xyz", "the suffix .xyz is not that of an image format", id="unknown suffix"),
        pytest.param("why.txt", "why.png", id="a text's suffix"),
        pytest.param("", "that is a folder. Give the file to write", id="a folder"),
        pytest.param("none/why.png", "there is no folder", id="in no folder"),
        pytest.param("photo.jpg", "that would overwrite the photo itself", id="the photo itself"),
    ],
)
def test_a_place_that_takes_no_picture_is_refused_before_the_work(photo, capsys, no_work, target, message):
    before = photo.read_bytes()
    code, out, err = call(capsys, "predict", photo, "--explain", photo.parent / target)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert photo.read_bytes() == before


def test_a_place_without_permission_is_refused_before_the_work(photo, capsys, no_work, monkeypatch):
    may = os.access
    monkeypatch.setattr("os.access", lambda path, *how, **more: path != photo.parent and may(path, *how, **more))
    code, out, err = call(capsys, "predict", photo, "--explain", photo.parent / "why.png")
    assert (code, out) == (2, "")
    assert "no permission to write there" in err


def test_the_answers_are_printed_even_where_the_heatmap_cannot_be_written(photo, capsys, monkeypatch):
    def save(self, *_):
        raise OSError("No space left on device")

    monkeypatch.setattr(Image.Image, "save", save)
    code, out, err = call(capsys, "predict", photo, "--explain", photo.parent / "why.png", "--json")
    assert code == 1
    assert json.loads(out)["photos"][0]["faces"]
    assert "could not be written" in err
    assert "No space left" in err


def test_a_folder_is_no_photo(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, "predict", ".")
    assert code == 2
    assert ". cannot be read as a photograph (it is a folder)" in err


def test_a_heatmap_of_zeros_is_said_and_written_into_its_picture(photo, capsys, monkeypatch):
    monkeypatch.setattr(
        "fer_core.inference.explain.explain_face", lambda network, face, expression: np.zeros(face.shape)
    )
    code, _, err = call(capsys, "predict", photo, "--explain", photo.parent / "why.png")
    assert code == 0
    assert "Grad-CAM is zero everywhere for" in err
    with Image.open(photo.parent / "why.png") as picture:
        foot = np.asarray(picture.convert("L"))[-8:]
    assert foot[:, :4].max() == 0  # the black line at the foot


def test_a_heatmap_with_one_warm_pixel_is_not_called_zero():
    face, heatmap = np.full((48, 48), 200, np.uint8), np.zeros((48, 48))
    heatmap[0, 0] = 1
    assert np.asarray(overlay_heatmap(face, heatmap))[-8:, :4].min() > 150
