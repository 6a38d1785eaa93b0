"""Strided 1x1 convolutions of the image itself, computed in a way that avoids an error in torch."""

from torch import Tensor, nn
from torch.nn import functional as F

_BROKEN_UP_TO = 4  # input channels: 1 to 4 were seen to fail, 8 and more to be right


class SampledPointwise(nn.Conv2d):
    """A strided 1x1 convolution computed as an unstrided one of the sampled pixels: the same outputs."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, n_in, H, W) -> (B, n_out, H / stride, W / stride), rounded up."""
        return F.conv2d(x[..., :: self.stride[0], :: self.stride[1]], self.weight, self.bias)


def sample_pointwise(model: nn.Module) -> nn.Module:
    """The same network with its strided 1x1 convolutions of the image itself replaced by `SampledPointwise`.

    On CPUs, the gradient of these convolutions writes out of bounds in channels-last (torch 2.15, oneDNN): a crash or,
    worse, silent corruption. RepVGG-like networks have them in the first layer. Weights and their names stay the same.
    """
    for module in model.modules():
        if (
            type(module) is nn.Conv2d
            and module.kernel_size == (1, 1)
            and max(module.stride) > 1
            and module.padding == (0, 0)
            and module.groups == 1
            and module.in_channels <= _BROKEN_UP_TO
        ):
            module.__class__ = SampledPointwise
    return model
