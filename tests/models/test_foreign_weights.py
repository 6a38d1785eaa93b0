"""Weights of other programs: loaded by name below whatever wraps them, or refused with the names on either side."""

import argparse
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from fer_core.errors import InputError
from fer_core.models.build import build_model
from fer_core.models.state_files import read_state_dict
from fer_core.models.weights import init_weights


@pytest.fixture
def state():
    torch.manual_seed(1)
    return build_model("compact_small").state_dict()


def prefixed(state, prefix):
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


def fill(document, tmp_path, name="a.pth"):
    """(a fresh network with the file's weights, what was said of them)."""
    torch.save(document, tmp_path / name)
    model = build_model("compact_small")
    return model.state_dict(), init_weights(model, "compact_small", f"file:{tmp_path / name}")


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in b)


@pytest.mark.parametrize(
    "prefix",
    ["", "module.", "model.", "_orig_mod.", "net.", "backbone.", "module._orig_mod.", "module.model.net.", "my_net.0."],
)
def test_names_below_a_prefix_are_found(state, tmp_path, prefix):
    filled, told = fill(prefixed(state, prefix), tmp_path)
    assert same(filled, state)
    assert told.startswith(f"{len(state)} of {len(state)} tensors")


@pytest.mark.parametrize("wrapper", ["model_state_dict", "state_dict", "model", "net", "ema", "network", "weights"])
def test_a_state_dict_inside_a_training_checkpoint_is_found_beside_other_tensors(state, tmp_path, wrapper):
    document = {
        "epoch": 3,
        wrapper: prefixed(state, "module."),
        "best_acc": torch.tensor(0.7),
        "optimizer": {"state": {0: {"momentum_buffer": torch.zeros(3)}}, "param_groups": [{"lr": 0.1}]},
    }
    filled, told = fill(document, tmp_path)
    assert same(filled, state)
    assert f"under {wrapper}.module." in told


def test_the_wrapper_of_a_compiled_part_is_stripped_in_the_middle_of_a_name(state, tmp_path):
    document = {name.replace(".", "._orig_mod.", 1): tensor for name, tensor in state.items()}
    assert same(fill(document, tmp_path)[0], state)


def test_a_head_beside_its_backbone_is_found_one_level_up(state, tmp_path):
    document = {
        f"module.{'' if name.startswith('head') else 'backbone.'}{name}": tensor for name, tensor in state.items()
    }
    assert same(fill(document, tmp_path)[0], state)


def test_the_network_itself_goes_before_its_running_mean(state, tmp_path):
    document = {"model": state, "model_ema": {name: torch.zeros_like(tensor) for name, tensor in state.items()}}
    filled, told = fill(document, tmp_path)
    assert same(filled, state)
    assert "under model." in told


def test_two_networks_in_a_file_of_which_either_could_be_meant_are_refused(state, tmp_path):
    with pytest.raises(InputError, match=r"several networks that fit compact_small \((left\., right\.)\)"):
        fill({"left": state, "right": state}, tmp_path)


def test_tensors_are_never_taken_by_their_shape_alone(state, tmp_path):
    renamed = {f"layer{i}.tensor": tensor for i, tensor in enumerate(state.values())}
    with pytest.raises(InputError, match=r"fit only 0 of .*Found: layer0.tensor, .*expected: \w+") as refused:
        fill(renamed, tmp_path)
    assert next(iter(state)) in str(refused.value)


def test_the_same_names_with_other_shapes_are_refused_with_both_shapes(state, tmp_path):
    wider = {name: torch.cat([t, t]) if t.ndim else t for name, t in state.items()}
    with pytest.raises(InputError, match=r"the same name but another shape \(.*: found \(.*, expected \("):
        fill(wider, tmp_path)


def test_a_tensor_of_another_shape_is_left_out_and_said(state, tmp_path):
    first = next(name for name, tensor in state.items() if tensor.ndim == 1)
    _, told = fill({**state, first: torch.zeros(3)}, tmp_path)
    assert f"1 of another shape ignored, for example {first}" in told


def test_a_safetensors_file_is_known_by_its_content(state, tmp_path):
    save_file(prefixed(state, "module."), tmp_path / "weights.bin")
    assert set(read_state_dict(tmp_path / "weights.bin")) == set(prefixed(state, "module."))


def test_numbers_of_numpy_and_options_beside_the_weights_do_not_hinder(state, tmp_path):
    options = {"best_acc": np.float64(0.7), "history": np.arange(3.0), "args": argparse.Namespace(lr=0.1)}
    assert same(fill({"net": state, **options}, tmp_path)[0], state)


class Trap(torch.nn.Module):
    """A module of a program that is not here."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('code of the file was run')",))


def test_a_whole_pickled_module_is_refused_in_a_sentence_and_not_run(tmp_path):
    torch.save(build_model("compact_small"), tmp_path / "module.pt")
    with pytest.raises(InputError, match=r"a pickled object \(fer_core\.models\.compact\.\w+\).*Save model.state"):
        read_state_dict(tmp_path / "module.pt")
    torch.save({"model": Trap()}, tmp_path / "trap.pt")
    with pytest.raises(InputError, match=r"could run any code, so it was not read"):
        read_state_dict(tmp_path / "trap.pt")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"hello", id="text"),
        pytest.param(pickle.dumps({"a": 1}), id="plain pickle"),
        pytest.param(b"PK\x03\x04" + bytes(60), id="cut zip"),
    ],
)
def test_what_are_no_weights_gets_one_line(tmp_path, data):
    (tmp_path / "a.pth").write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_state_dict(tmp_path / "a.pth")
    assert "\n" not in str(refused.value)
    assert str(tmp_path / "a.pth") in str(refused.value)
