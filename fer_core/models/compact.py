"""The project's own network: a plain residual network for faces of 48 to 64 px."""

from torch import Tensor, nn
from torch.nn import functional as F

from fer_core.models.staged import Staged


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut; the first may halve the size."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or n_in != n_out:
            self.shortcut = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride, bias=False), nn.BatchNorm2d(n_out))

    def forward(self, x: Tensor) -> Tensor:
        """(B, n_in, H, W) -> (B, n_out, H / stride, W / stride)."""
        out = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(out)) + self.shortcut(x))


class Compact(Staged):
    """Logits for grey faces, with most of the arithmetic at 12 px and below.

    At 48 px the four stages see 24, 12, 6 and 3 px; every stage after the first costs the same.

    Args:
        channels: of the input, 1 or 3.
        n_classes: logits per face.
        dropout: share of the pooled features dropped in training.
        width: channels of the first stage; each later one has twice as many.
    """

    def __init__(self, channels: int, n_classes: int, dropout: float = 0.0, width: int = 32) -> None:
        widths, depths = tuple(width * 2**stage for stage in range(4)), (1, 2, 2, 2)
        stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], 3, 1, 1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
        )
        stages, n_in = [], widths[0]
        for n_out, depth in zip(widths, depths, strict=True):
            blocks = [ResidualBlock(n_in, n_out, 2)] + [ResidualBlock(n_out, n_out, 1) for _ in range(depth - 1)]
            stages.append(nn.Sequential(*blocks))
            n_in = n_out
        super().__init__(stem, stages, n_in, n_classes, dropout)
