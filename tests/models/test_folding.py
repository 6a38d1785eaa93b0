"""Norms folded for answering."""

import numpy as np
import pytest
import torch
from torch import nn

from fer_core.inference.explain import explain_face
from fer_core.inference.logits import predict_heads, predict_logits
from fer_core.models.build import build_model
from fer_core.models.checkpoints import read_folded, read_network, write_weights
from fer_core.models.folding import fold_network, fold_norms
from fer_core.models.network import Ensemble, Network, People
from fer_core.models.preprocess import Preprocessing

FACES = np.random.default_rng(0).integers(0, 256, (4, 48, 48), dtype=np.uint8)


def make_network(name, n_heads=1):
    """With norms as a training leaves them, not as they begin."""
    torch.manual_seed(0)
    model = build_model(name, n_heads=n_heads, input_px=48)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.bias.data, module.running_mean, module.running_var):
                tensor.uniform_(0.5, 1.5)
    people = People(0.9) if n_heads == 2 else None
    return Network(
        model=model.eval(),
        name=name,
        preprocessing=Preprocessing(face_px=48, input_px=48, channels=1, mean=(0.5,), std=(0.25,)),
        people=people,
    )


def count_norms(model):
    return sum(isinstance(module, nn.BatchNorm2d) for module in model.modules())


@pytest.mark.parametrize(
    ("name", "n_left"),
    [
        ("compact_small", 0),
        ("late", 0),
        ("repvgg", 0),
        ("mobilenet_v3_small", 0),
        ("timm:resnet10t", 0),
        pytest.param("resnet18_cifar", 0, marks=pytest.mark.slow),
        pytest.param("efficientnet_b0", 0, marks=pytest.mark.slow),
        pytest.param("vgg13_bn", 0, marks=pytest.mark.slow),
        pytest.param("timm:efficientnet_b0", 0, marks=pytest.mark.slow),
        pytest.param("timm:densenet121", 62, marks=pytest.mark.slow, id="norms before convolutions stay"),
    ],
)
def test_a_folded_network_answers_as_before_without_its_norms(name, n_left):
    if name.startswith("timm:"):
        pytest.importorskip("timm")
    network = make_network(name)
    folded = fold_network(network)
    expected = predict_logits(network, FACES)
    assert np.allclose(predict_logits(folded, FACES), expected, atol=1e-4 * max(1, np.abs(expected).max()))
    assert count_norms(folded.model) <= n_left < count_norms(network.model)


def test_a_heat_map_and_both_heads_stay_as_they_were():
    network = make_network("compact_small", n_heads=2)
    folded = fold_network(network)
    heads = predict_heads(network, FACES)
    assert all(np.allclose(answer, heads[head], atol=1e-4) for head, answer in predict_heads(folded, FACES).items())
    heat = explain_face(network, FACES[0], "sad")
    assert heat.max() > 0
    assert np.allclose(explain_face(folded, FACES[0], "sad"), heat, atol=1e-3)


def test_repvggs_branches_become_one_convolution_each():
    model = fold_norms(make_network("repvgg").model)
    convs = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert len(convs) == 12
    assert {conv.kernel_size for conv in convs} == {(3, 3)}
    assert sum(p.numel() for p in model.parameters()) == 2_446_183


def test_the_network_that_is_folded_stays_as_it_is_and_folding_again_does_nothing():
    network = make_network("compact_small")
    before = predict_logits(network, FACES)
    folded = fold_network(network)
    assert fold_network(folded) is folded
    assert count_norms(network.model) == 19
    assert np.array_equal(predict_logits(network, FACES), before)


class Shared(nn.Module):
    """Its convolution's output goes past the norm too."""

    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)

    def forward(self, x):
        out = self.conv(x)
        return out + self.norm(out)


class Twice(Shared):
    """Its convolution is used twice."""

    def forward(self, x):
        return self.norm(self.conv(x)).sum() + self.conv(x)


class Untraceable(Shared):
    """What it does hangs on its input."""

    def forward(self, x):
        return self.norm(self.conv(x)) if x.sum() > 0 else x


@pytest.mark.parametrize("kind", [Shared, Twice, Untraceable])
def test_a_norm_that_cannot_be_folded_stays(kind):
    model, x = kind().eval(), torch.rand(2, 1, 5, 5)
    model.norm.running_mean.fill_(0.3)
    folded = fold_norms(model)
    assert isinstance(folded.norm, nn.BatchNorm2d)
    assert torch.allclose(folded(x), model(x))


def test_what_is_read_for_answering_is_folded_and_is_never_written(tmp_path):
    network = make_network("compact_small")
    write_weights(tmp_path / "a.safetensors", network)
    assert count_norms(read_network(tmp_path / "a.safetensors").model) == 19
    folded = read_folded(tmp_path / "a.safetensors")
    assert count_norms(folded.model) == 0
    for each in (
        folded,
        Ensemble(members=(folded,), weights=(1,)),
        fold_network(Ensemble(members=(network,), weights=(1,))),
    ):
        with pytest.raises(AssertionError, match="has lost the norms"):
            write_weights(tmp_path / "b.safetensors", each)
    assert not (tmp_path / "b.safetensors").exists()
