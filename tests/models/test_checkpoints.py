from dataclasses import replace

import numpy as np
import pytest
import torch

from fer_core.errors import InputError
from fer_core.inference.logits import predict_logits
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.network import Calibration, Network
from fer_core.models.preprocess import Preprocessing
from fer_core.models.state_files import read_state_dict
from fer_core.training.checkpoint import read_training_state

PREPROCESSING = Preprocessing(face_px=48, input_px=32, channels=1, mean=(0.5,), std=(0.25,))
FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48)).astype(np.uint8)


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Network(
        model=build_model("compact_small").to(memory_format=torch.channels_last),
        name="compact_small",
        preprocessing=PREPROCESSING,
    )


def test_saved_and_read_again_it_gives_equal_logits(tmp_path, network):
    write_weights(tmp_path / "a.safetensors", network)
    again = read_network(tmp_path / "a.safetensors")
    assert again.preprocessing == PREPROCESSING
    assert np.array_equal(predict_logits(again, FACES), predict_logits(network, FACES))


def test_the_temperature_is_kept_with_the_weights_and_divides_the_logits(tmp_path, network):
    write_weights(tmp_path / "a.safetensors", replace(network, calibration=Calibration(2.0)))
    halved = predict_logits(read_network(tmp_path / "a.safetensors"), FACES)
    assert np.allclose(halved * 2, predict_logits(network, FACES))


def test_another_label_order_is_refused(tmp_path, network, monkeypatch):
    monkeypatch.setattr("fer_core.models.checkpoints.EXPRESSIONS", ("happy", "angry"))
    write_weights(tmp_path / "a.safetensors", network)
    monkeypatch.undo()
    with pytest.raises(InputError, match="has the label order"):
        read_network(tmp_path / "a.safetensors")


def test_missing_damaged_and_foreign_weights_each_get_a_sentence(tmp_path, network):
    from safetensors.torch import save_file

    with pytest.raises(InputError, match="There is no weights file"):
        read_network(tmp_path / "none.safetensors")
    (tmp_path / "bad.safetensors").write_text("hello")
    with pytest.raises(InputError, match="cannot be read"):
        read_network(tmp_path / "bad.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="was not written by this project"):
        read_network(tmp_path / "other.safetensors")


def test_a_pickle_that_would_run_code_is_not_read(tmp_path):
    import pickle

    (tmp_path / "evil.pt").write_bytes(pickle.dumps(print, protocol=2))
    with pytest.raises(InputError, match="could run any code, so it was not read"):
        read_state_dict(tmp_path / "evil.pt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("page.pt", b"<!DOCTYPE html><html>", id="a page of the web"),
        pytest.param(
            "pointer.pth", b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\n", id="an LFS pointer"
        ),
        pytest.param("text.pt", b"hello", id="a text"),
        pytest.param("empty.pt", b"", id="nothing"),
        pytest.param("short.pt", b"PK\x03\x04cut", id="a zip file cut short"),
        pytest.param("short.safetensors", b"\x10\0\0\0\0\0\0\0{", id="a safetensors file cut short"),
    ],
)
def test_a_file_that_is_no_weights_is_told_in_words_that_are_not_torchs(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as told:
        read_state_dict(tmp_path / name)
    assert str(told.value) == (
        f"{tmp_path / name} cannot be read as weights: it is damaged, or was not written by torch.save or "
        "safetensors. Copy it again, or save the model's state_dict() as a .safetensors file."
    )


def test_a_damaged_checkpoint_is_told_with_the_way_on(tmp_path):
    (tmp_path / "last.pt").write_bytes(b"<!DOCTYPE html><html>")
    with pytest.raises(
        InputError, match=r"^The checkpoint \S+last.pt is damaged. Delete it and resume; the run [\w ]+.$"
    ):
        read_training_state(tmp_path / "last.pt")


def test_a_state_dict_inside_a_training_checkpoint_is_found(tmp_path):
    torch.save({"state_dict": {"w": torch.ones(2)}, "epoch": 3}, tmp_path / "a.pth")
    assert list(read_state_dict(tmp_path / "a.pth")) == ["state_dict.w"]


def test_whoever_may_read_the_folders_other_files_may_read_the_weights(tmp_path, network):
    write_weights(tmp_path / "best.safetensors", network)
    (tmp_path / "other").touch()
    assert (tmp_path / "best.safetensors").stat().st_mode == (tmp_path / "other").stat().st_mode
