"""timm's networks, where the package is installed."""

import numpy as np
import pytest
import torch

from fer_core.base import extras
from fer_core.errors import InputError
from fer_core.inference.explain import explain_face
from fer_core.inference.logits import predict_logits
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_network, write_weights
from fer_core.models.freezing import first_head, split_head
from fer_core.models.network import Network
from fer_core.models.preprocess import Preprocessing
from fer_core.models.weights import init_weights, pretrained_statistics
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from fer_core.training.process import train_run
from tests.helpers.samples import make_dataset
from tests.helpers.trained import Stop
from tests.helpers.training import TINY

timm = pytest.importorskip("timm")

FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48)).astype(np.uint8)
RESNET, VIT, DISTILLED = "timm:resnet18", "timm:vit_tiny_patch16_224", "timm:deit_tiny_distilled_patch16_224"


def network(name, n_heads=1):
    torch.manual_seed(0)
    model = build_model(name, 1, n_heads=n_heads, input_px=48).eval()
    return Network(
        model=model,
        name=name,
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )


@pytest.mark.parametrize("name", [RESNET, "timm:convnext_atto", VIT, DISTILLED])
def test_what_the_weights_file_says_rebuilds_the_network_without_its_second_head(tmp_path, name):
    trained = network(name, n_heads=2)
    write_weights(tmp_path / "a.safetensors", trained)
    again = read_network(tmp_path / "a.safetensors")
    assert again.name == name
    assert np.allclose(predict_logits(again, FACES), predict_logits(trained, FACES), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "n_tensors"), [(RESNET, 2), ("timm:convnext_atto", 2), (VIT, 2), (DISTILLED, 4), ("timm:dpn48b", 2)]
)
def test_its_head_is_what_timm_says(name, n_tensors):
    model = build_model(name, n_heads=2, input_px=48)
    trunk, head = split_head(model)
    assert {len(parameter) for parameter in head} == {14}
    assert (len(head), len(trunk) + len(head)) == (n_tensors, len(list(model.parameters())))
    assert sum(first_head(model)[key].shape != tensor.shape for key, tensor in model.state_dict().items()) == n_tensors


@pytest.mark.parametrize("name", [RESNET, "timm:efficientnet_b0", VIT, "timm:eva02_tiny_patch14_224"])
def test_a_convolutional_network_and_a_vit_are_explained(name):
    heatmap = explain_face(network(name), FACES[0], "sad")
    assert heatmap.shape == (48, 48)
    assert 0 <= heatmap.min() <= heatmap.max() <= 1


@pytest.mark.parametrize("name", ["timm:levit_128s", "timm:mambaout_femto", "timm:selecsls42", "timm:mixer_s32_224"])
def test_a_network_without_maps_or_tokens_says_that_it_cannot_be_explained(name):
    with pytest.raises(InputError, match="Grad-CAM explains convolutional networks and plain ViTs, not timm's"):
        explain_face(network(name), FACES[0], "sad")


def test_a_vit_is_made_for_the_size_of_its_input_and_its_patches_lie_in_rows():
    from fer_core.models.build import feature_maps

    model = build_model(VIT, input_px=64)
    assert model(torch.zeros(1, 1, 64, 64)).shape == (1, 7)
    tokens = torch.arange(17.0).view(1, 17, 1)  # the class token and 4 x 4 patches
    assert feature_maps(VIT, model)(tokens)[0, 0].tolist() == torch.arange(1.0, 17).view(4, 4).tolist()


@pytest.mark.parametrize("name", ["resnet81", "resnet18.a9_in1k"], ids=["name", "tag"])
def test_an_unknown_name_lists_those_spelled_like_it_before_a_folder_is_made(tmp_path, workspace, name):
    make_dataset(tmp_path)
    with pytest.raises(InputError, match=rf"model: timm has no classifier '{name}'; did you mean .*resnet18"):
        create_run(build_config({**TINY, "model": f"timm:{name}"}), "test")
    assert not list((workspace / "runs").glob("*"))


def test_crops_are_refused_for_a_network_of_one_size_before_a_folder_is_made(tmp_path, workspace):
    make_dataset(tmp_path)
    with pytest.raises(InputError, match="crop_px: timm:vit_tiny_patch16_224 needs a fixed input size"):
        create_run(build_config({**TINY, "model": VIT, "crop_px": 44}), "test")
    assert not list((workspace / "runs").glob("*"))


def test_a_size_that_it_cannot_be_made_for_is_a_sentence():
    with pytest.raises(InputError, match="timm cannot make swinv2_tiny_window8_256 with 1 channels and 2 px"):
        build_model("timm:swinv2_tiny_window8_256", input_px=2)


def test_without_timm_one_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda package: None)
    with pytest.raises(
        InputError, match=r"timm:resnet18 needs timm, which is not installed\. Run pip install -e '\.\[timm\]'"
    ):
        build_model(RESNET)


def test_pretrained_weights_in_the_right_place_are_taken_with_grey_input_and_resized_positions(tmp_path, monkeypatch):
    from safetensors.torch import save_file

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    torch.manual_seed(1)
    state = timm.create_model("vit_tiny_patch16_224").state_dict()
    save_file(state, tmp_path / "checkpoints" / "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors")
    model = build_model(VIT, 1, input_px=48)
    assert "150 of 152 tensors from imagenet" in init_weights(model, VIT, "imagenet", 48)
    own = model.state_dict()
    assert torch.equal(own["blocks.3.attn.qkv.weight"], state["blocks.3.attn.qkv.weight"])
    assert torch.allclose(own["patch_embed.proj.weight"], state["patch_embed.proj.weight"].sum(1, keepdim=True))
    assert own["pos_embed"].shape == (1, 1 + 9, 192)
    assert pretrained_statistics(VIT)[0] == (0.5, 0.5, 0.5)


def test_pretrained_weights_that_cannot_be_fetched_name_the_file_and_the_folder(tmp_path, monkeypatch):
    model = build_model(RESNET)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))

    def fail(*args, **options):
        raise OSError("no route to host")

    monkeypatch.setattr(timm, "create_model", fail)
    with pytest.raises(InputError, match=rf"save it as resnet18\.a1_in1k\.safetensors in {tmp_path}/checkpoints"):
        init_weights(model, RESNET, "imagenet")


def test_a_vit_trains_and_its_run_can_be_evaluated(tmp_path):
    from fer_core.evaluation.evaluate import evaluate_run

    make_dataset(tmp_path)
    run = create_run(build_config({**TINY, "model": VIT, "input_px": 32, "epochs": 1}), "test")
    train_run(run, Stop())
    assert run.exit.state == "finished", run.exit
    assert run.info.versions["timm"] == timm.__version__
    assert evaluate_run(run, "test").accuracy == run.report["test"].accuracy
