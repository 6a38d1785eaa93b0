import copy

import pytest
import torch
from torch import nn

from fer_core.models.build import build_model
from fer_core.models.pointwise import SampledPointwise, sample_pointwise


@pytest.mark.parametrize(("stride", "side"), [(2, 48), (2, 47), (3, 48)])
def test_a_sampled_convolution_gives_the_same_outputs_and_gradients(stride, side):
    plain = nn.Sequential(nn.Conv2d(1, 48, 1, stride))
    sampled = sample_pointwise(copy.deepcopy(plain)).to(memory_format=torch.channels_last)
    x = torch.randn(4, 1, side, side)
    outputs = plain(x), sampled(x.to(memory_format=torch.channels_last))
    assert torch.allclose(*outputs, atol=1e-6)
    for y in outputs:
        y.square().mean().backward()
    assert torch.allclose(plain[0].weight.grad, sampled[0].weight.grad, rtol=1e-4, atol=1e-6)
    assert sampled.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("name", ["repvgg", "repvgg_wide"])
def test_a_network_whose_first_layer_has_one_is_built_with_it(name):
    kinds = [type(module) for module in build_model(name).modules() if isinstance(module, nn.Conv2d)]
    assert kinds.count(SampledPointwise) == 1


def test_no_network_is_built_with_a_strided_one_of_the_image_itself():
    for name in ("compact", "late", "resnet18_cifar", "repvgg", "resnet18", "mobilenet_v3_small"):
        for module in build_model(name).modules():
            is_strided = type(module) is nn.Conv2d and module.kernel_size == (1, 1) and max(module.stride) > 1
            assert not (is_strided and module.in_channels <= 4)


@pytest.mark.parametrize(
    "other", [nn.Conv2d(8, 4, 1, 2), nn.Conv2d(1, 4, 3, 2), nn.Conv2d(1, 4, 1, 1), nn.Conv2d(2, 4, 1, 2, groups=2)]
)
def test_other_convolutions_stay_as_they_are(other):
    assert type(sample_pointwise(nn.Sequential(other))[0]) is nn.Conv2d
