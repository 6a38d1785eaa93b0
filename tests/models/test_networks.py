"""The project's own networks and the table that names them all."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from fer_core.errors import InputError
from fer_core.inference.explain import explain_face
from fer_core.models.build import build_model, target_layer
from fer_core.models.families import FAMILIES, FamilyModule, describe_model, find_family, is_model_name
from fer_core.models.freezing import first_head, last_layer, split_head
from fer_core.models.names import MODELS, NETWORKS
from fer_core.models.network import Network
from fer_core.models.preprocess import Preprocessing
from fer_core.models.weights import init_weights
from fer_core.runs.config import build_config
from fer_core.runs.create import create_run
from tests.helpers.samples import make_dataset

NEW = ("late", "repvgg", "repvgg_wide", "resnet18_cifar", pytest.param("vgg13_bn", marks=pytest.mark.slow))
OWN = ("compact", "compact_small", "late", "repvgg", "repvgg_wide")


def count(model, side):
    """(parameters, multiply-adds a face)."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 1, side, side))
    return sum(p.numel() for p in model.parameters()), counter.get_total_flops() // 2


@pytest.mark.parametrize(
    ("name", "side", "parameters", "multiply_adds"),
    [
        ("compact", 48, 2_778_791, 68_495_104),
        ("late", 48, 5_327_847, 252_022_528),
        ("repvgg", 48, 2_724_967, 116_768_512),
        ("repvgg_wide", 48, 6_122_647, 262_520_448),
        ("resnet18_cifar", 48, 11_171_271, 1_247_038_976),
        pytest.param("vgg13_bn", 44, 128_984_263, 513_504_256, marks=pytest.mark.slow),
    ],
)
def test_a_network_has_the_parameters_and_the_arithmetic_that_it_is_known_for(name, side, parameters, multiply_adds):
    assert count(build_model(name).eval(), side) == (parameters, multiply_adds)


@pytest.mark.parametrize("name", NEW)
def test_a_new_network_learns_with_two_heads_and_has_all_that_a_training_asks_for(name):
    torch.manual_seed(0)
    model = build_model(name, dropout=0.1, n_heads=2, input_px=44)
    outputs = model(torch.randn(4, 1, 44, 44))
    outputs.square().sum().backward()
    assert outputs.shape == (4, 14)
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    trunk, head = split_head(model)
    assert len(trunk) > len(head) >= 2
    assert last_layer(model).out_features == 14
    assert [tensor.shape[0] for key, tensor in first_head(model).items() if key.endswith("bias")][-1] == 7


@pytest.mark.parametrize("side", [1, 16, 31, 45, 64])
@pytest.mark.parametrize("name", OWN)
def test_the_projects_own_networks_take_inputs_of_any_size(name, side):
    assert build_model(name, 3).eval()(torch.zeros(1, 3, side, side)).shape == (1, 7)


def test_an_input_too_small_for_a_network_is_refused_with_the_smallest():
    with pytest.raises(InputError, match=r"vgg13_bn needs inputs of 32 px or more, got 24\. Set input_px=32"):
        build_model("vgg13_bn", input_px=24)


@pytest.mark.parametrize("name", ["late", "repvgg", "resnet18_cifar"])
def test_grad_cam_looks_at_maps_that_still_tell_where(name):
    torch.manual_seed(0)
    model = build_model(name).eval()
    sides = []
    hook = target_layer(name, model).register_forward_hook(lambda _, given, made: sides.append(made.shape[-1]))
    model(torch.zeros(1, 1, 48, 48))
    hook.remove()
    assert sides == [12 if name == "resnet18_cifar" else 6]
    network = Network(
        model=model,
        name=name,
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
    )
    face = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)
    assert explain_face(network, face, "sad").shape == (48, 48)


@pytest.mark.parametrize("name", ["late", "repvgg"])
def test_its_weights_begin_another_training_of_the_same_network(tmp_path, name):
    first, second = build_model(name), build_model(name, 3, n_heads=2)
    torch.save(first.state_dict(), tmp_path / "a.pt")
    n = len(first.state_dict())
    assert f"{n} of {n} tensors" in init_weights(second, name, f"file:{tmp_path / 'a.pt'}")
    assert torch.equal(second.head.weight[:7], first.head.weight)


def test_a_strided_shortcut_takes_the_mean_and_not_one_of_four():
    shortcut = build_model("late").stages[1][0].shortcut
    assert isinstance(shortcut[0], nn.AvgPool2d)
    assert shortcut[1].stride == (1, 1)
    spot = torch.zeros(1, 32, 4, 4)
    spot[:, :, 1, 1] = 1
    assert shortcut[0](spot)[0, 0].flatten().tolist() == [0.25, 0, 0, 0]


def test_every_network_is_one_entry_of_the_table_and_belongs_to_a_family():
    assert list(MODELS) == list(NETWORKS)
    assert {spec.family for spec in NETWORKS.values()} == {name for name, f in FAMILIES.items() if not f.prefix}
    assert "5.3 M parameters" in describe_model("late")


def test_imagenet_weights_of_resnet18_fill_the_one_with_a_small_stem_but_for_its_stem(tmp_path, monkeypatch):
    from torchvision.models import ResNet18_Weights, resnet18

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    file = tmp_path / "checkpoints" / ResNet18_Weights.DEFAULT.url.rsplit("/", 1)[1]
    file.parent.mkdir()
    torch.save(resnet18().state_dict(), file)
    told = init_weights(build_model("resnet18_cifar"), "resnet18_cifar", "imagenet")
    assert "119 of 122 tensors from imagenet" in told


def test_imagenet_weights_of_a_network_without_them_are_refused_before_a_run_is_made(tmp_path, workspace):
    make_dataset(tmp_path)
    with pytest.raises(InputError, match=r"^init: repvgg has no ImageNet weights"):
        create_run(build_config({"dataset": "tiny", "model": "repvgg", "init": "imagenet"}), "test")
    assert not list((workspace / "runs").glob("*"))


def test_every_family_has_a_module_with_all_that_is_asked_of_one():
    asked = [name for name in vars(FamilyModule) if not name.startswith("_")]
    for family in FAMILIES.values():
        assert not [name for name in asked if not callable(getattr(family.load(), name, None))], family.module


def test_a_name_belongs_to_the_family_that_lists_it_or_whose_prefix_it_has():
    assert find_family("late") is FAMILIES["own"]
    assert find_family("resnet18") is FAMILIES["torchvision"]
    assert find_family("timm:any") is FAMILIES["timm"]
    assert not is_model_name("timm:") and not is_model_name("any")
    with pytest.raises(InputError, match=r"Unknown model 'any': choose one of compact, .*, or timm:NAME"):
        find_family("any")
