"""A network of plain 3x3 convolutions at inference, each of which is trained as three branches."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from fer_core.models.staged import Staged, conv_norm

_DEPTHS = (2, 3, 4, 2)


class RepBlock(nn.Module):
    """The sum of a 3x3 convolution, a 1x1 convolution and, if size and channels stay, the input; each with a norm.

    Source: Ding et al., RepVGG: Making VGG-style ConvNets Great Again, 2021.
    """

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        branches: list[nn.Module] = [conv_norm(n_in, n_out, 3, stride), conv_norm(n_in, n_out, 1, stride)]
        if stride == 1 and n_in == n_out:
            branches.append(nn.BatchNorm2d(n_out))
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        """(B, n_in, H, W) -> (B, n_out, H / stride, W / stride)."""
        total = self.branches[0](x)
        for branch in self.branches[1:]:
            total = total + branch(x)
        return F.relu(total)

    def fold_branches(self) -> None:
        """Replaces the branches with one 3x3 convolution that has the same outputs in evaluation mode."""
        convs = [_fuse(branch) for branch in self.branches]
        total = convs[0]
        assert total.bias is not None
        with torch.no_grad():
            for conv in convs[1:]:
                assert conv.bias is not None
                total.weight += F.pad(conv.weight, [1 - conv.kernel_size[0] // 2] * 4)
                total.bias += conv.bias
        self.branches = nn.ModuleList([total])


class RepVGG(Staged):
    """Logits for grey faces; at 48 px the stem halves the size and the four stages see 24, 12, 6 and 3 px.

    Args:
        channels: of the input, 1 or 3.
        n_classes: logits per face.
        dropout: share of the pooled features dropped in training.
        widths: channels of the four stages; the stem has those of the first.
    """

    def __init__(
        self, channels: int, n_classes: int, dropout: float = 0.0, widths: tuple[int, ...] = (48, 96, 192, 256)
    ) -> None:
        stem, stages, n_in = RepBlock(channels, widths[0], 2), [], widths[0]
        for stage, (n_out, depth) in enumerate(zip(widths, _DEPTHS, strict=True)):
            first = RepBlock(n_in, n_out, 2 if stage else 1)
            stages.append(nn.Sequential(first, *(RepBlock(n_out, n_out, 1) for _ in range(depth - 1))))
            n_in = n_out
        super().__init__(stem, stages, n_in, n_classes, dropout)


def _fuse(branch: nn.Module) -> nn.Conv2d:
    """A branch as one convolution with a bias."""
    if isinstance(branch, nn.Conv2d):
        return branch
    if isinstance(branch, nn.BatchNorm2d):  # the input itself, as a 1x1 convolution
        n = branch.num_features
        identity = nn.Conv2d(n, n, 1, bias=False).to(branch.weight.device)
        with torch.no_grad():
            identity.weight.copy_(torch.eye(n)[:, :, None, None])
        return fuse_conv_bn_eval(identity.eval(), branch)
    assert isinstance(branch, nn.Sequential)
    conv, norm = branch[0], branch[1]
    assert isinstance(conv, nn.Conv2d)
    assert isinstance(norm, nn.BatchNorm2d)
    return fuse_conv_bn_eval(conv, norm)
