"""Weights files in float16."""

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from fer_core.evaluation.evaluate import evaluate_run
from fer_core.inference.logits import predict_logits
from fer_core.models.build import build_model
from fer_core.models.checkpoints import pack, read_network, write_weights
from fer_core.models.half import _fits, round_state, shorten
from fer_core.models.network import Ensemble, Network
from fer_core.models.preprocess import Preprocessing
from fer_core.models.state_files import read_state_dict
from tests.helpers.samples import make_dataset
from tests.helpers.training import new_run, train

FACES = np.random.default_rng(0).integers(0, 256, (5, 48, 48), dtype=np.uint8)


@pytest.fixture
def network():
    torch.manual_seed(0)
    model = build_model("compact_small").eval().to(memory_format=torch.channels_last)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                tensor.uniform_(0.5, 1.5)
    return Network(
        model=model,
        name="compact_small",
        preprocessing=Preprocessing(face_px=48, input_px=32, channels=1, mean=(0.5,), std=(0.25,)),
    )


def dtypes(path):
    with safe_open(path, framework="pt") as file:
        return {key: file.get_tensor(key).dtype for key in file.keys()}  # noqa: SIM118


def test_rounded_weights_take_half_the_room_and_come_back_as_they_were_written(tmp_path, network):
    path, old = tmp_path / "a.safetensors", tmp_path / "old.safetensors"
    write_weights(path, network, rounded=True)
    save_file(*pack(network)[:1], old)
    assert path.stat().st_size < 0.52 * old.stat().st_size
    again = read_network(path)
    assert {p.dtype for p in again.model.parameters()} == {torch.float32}
    assert all(
        torch.equal(again.model.state_dict()[name], t) for name, t in round_state(network.model.state_dict()).items()
    )
    write_weights(tmp_path / "b.safetensors", again)
    first, second = (read_state_dict(place) for place in (path, tmp_path / "b.safetensors"))
    assert all(torch.equal(first[name], tensor) for name, tensor in second.items())
    assert dtypes(tmp_path / "b.safetensors") == dtypes(path)


def test_kernels_are_rounded_and_vectors_with_the_norms_statistics_are_not(tmp_path, network):
    write_weights(tmp_path / "a.safetensors", network, rounded=True)
    kinds = dtypes(tmp_path / "a.safetensors")
    assert kinds["stages.1.0.conv1.weight"] == kinds["head.weight"] == torch.float16
    kept = {name: tensor for name, tensor in network.model.state_dict().items() if tensor.ndim < 2}
    found = read_state_dict(tmp_path / "a.safetensors")
    assert any("running_var" in name for name in kept)
    assert all(torch.equal(found[name], tensor) for name, tensor in kept.items())


def test_the_network_that_is_rounded_stays_as_it_is(tmp_path, network):
    before = {name: tensor.clone() for name, tensor in network.model.state_dict().items()}
    write_weights(tmp_path / "a.safetensors", network, rounded=True)
    rounded = read_state_dict(tmp_path / "a.safetensors")
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.model.state_dict().items())
    assert not torch.equal(rounded["head.weight"], before["head.weight"])


@pytest.mark.parametrize(
    ("weights", "fits"),
    [
        pytest.param(torch.full((2, 3), 0.1), True, id="usual"),
        pytest.param(torch.zeros(2, 3), True, id="zero"),
        pytest.param(torch.tensor([[1.0, 65504.0]]), True, id="the largest"),
        pytest.param(torch.tensor([[1.0, 65520.0]]), False, id="too large"),
        pytest.param(torch.tensor([[1.0, float("nan")]]), False, id="no number"),
        pytest.param(torch.tensor([[0.1, 1e-9]]), True, id="one that vanishes beside another"),
        pytest.param(torch.tensor([[0.1, 0.2], [1e-9, 2e-9]]), False, id="an output that would vanish"),
        pytest.param(torch.tensor([[0.1, 0.2], [3.3e-7, 2e-7]]), False, id="an output that would be coarse"),
        pytest.param(torch.full((3,), 0.1), False, id="a vector"),
        pytest.param(torch.ones(2, 3, dtype=torch.int64), False, id="whole numbers"),
        pytest.param(torch.empty(0, 3), True, id="none"),
    ],
)
def test_a_tensor_stays_in_float32_where_float16_loses_more_than_it_can_carry(weights, fits):
    assert _fits(weights) is fits


@pytest.mark.parametrize("name", ["head.weight", "stages.0.0.conv1.weight"])
def test_a_tensor_that_float16_cannot_carry_is_stored_as_it_is(tmp_path, network, name):
    network.model.get_parameter(name).data.mul_(1e-9)
    write_weights(tmp_path / "a.safetensors", network, rounded=True)
    assert dtypes(tmp_path / "a.safetensors")[name] == torch.float32
    assert torch.equal(read_state_dict(tmp_path / "a.safetensors")[name], network.model.get_parameter(name).data)


def test_a_file_of_before_keeps_its_float32_alone_and_in_an_ensemble(tmp_path, network):
    old, joined = tmp_path / "old.safetensors", tmp_path / "joined.safetensors"
    state, metadata = pack(network)
    save_file(state, old, metadata=metadata)
    read = read_network(old)
    assert np.array_equal(predict_logits(read, FACES), predict_logits(network, FACES))
    write_weights(tmp_path / "new.safetensors", network, rounded=True)
    both = Ensemble(members=(read, read_network(tmp_path / "new.safetensors")), weights=(1, 1))
    write_weights(joined, both)
    assert np.array_equal(predict_logits(read_network(joined), FACES), predict_logits(both, FACES))
    assert [dtypes(joined)[f"{i}.head.weight"] for i in (0, 1)] == [torch.float32, torch.float16]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_of_16_bits_from_elsewhere_are_read_as_float32(tmp_path, dtype):
    save_file({"w": torch.ones(2, dtype=dtype)}, tmp_path / "a.safetensors")
    torch.save({"model": {"w": torch.ones(2, dtype=dtype)}}, tmp_path / "a.pt")
    for name, key in (("a.safetensors", "w"), ("a.pt", "model.w")):
        assert read_state_dict(tmp_path / name)[key].dtype == torch.float32


def test_the_report_of_a_training_is_of_the_weights_as_they_are_written(tmp_path):
    make_dataset(tmp_path)
    run = train(new_run(epochs=1))
    assert dtypes(run.best_weights)["stages.3.1.conv2.weight"] == torch.float16
    again = [evaluate_run(run, split) for split in ("val", "test", "test")]
    for document, split in zip(again, ("val", "test", "test"), strict=True):
        assert {key: getattr(document, key) for key in ("accuracy", "nll", "ece")} == pytest.approx(
            {key: getattr(run.report[split], key) for key in ("accuracy", "nll", "ece")}, abs=1e-9
        )


def test_what_a_resume_needs_stays_in_float32(tmp_path):
    make_dataset(tmp_path)
    run = train(new_run(epochs=1))
    state = torch.load(run.last_checkpoint, weights_only=True)["model"]
    assert {tensor.dtype for tensor in state.values() if tensor.is_floating_point()} == {torch.float32}
    kept = read_state_dict(run.best_weights)
    assert not torch.equal(kept["head.weight"], state["head.weight"])
    assert torch.equal(kept["head.weight"], state["head.weight"].half().float())


def test_what_float16_cannot_carry_is_cut_to_as_many_digits_in_float32():
    large, small = torch.tensor([[1.2345678, 0.1]]), torch.tensor([[1.2345678e-7, 3e-9]])
    state = shorten({"large": large, "small": small, "vector": small[0]})
    assert (state["large"].dtype, state["small"].dtype) == (torch.float16, torch.float32)
    assert 0 < (state["small"] / small - 1).abs().max() < 2**-10
    assert not (state["small"].view(torch.int32) & 0x1FFF).any()
    assert torch.equal(state["vector"], small[0])
