"""The common structure of the project's networks: a stem, four stages, the mean over the face, one linear layer."""

from collections.abc import Sequence

from torch import Tensor, nn


class Staged(nn.Module):
    """Logits for grey faces from a stem and stages, each of which may halve the size.

    Args:
        stem: (B, C, S, S) -> feature maps.
        stages: in order, each from maps to maps.
        n_features: channels of the last one.
        n_classes: logits per face.
        dropout: share of the pooled features dropped in training.
    """

    def __init__(
        self, stem: nn.Module, stages: Sequence[nn.Module], n_features: int, n_classes: int, dropout: float
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.ModuleList(stages)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(n_features, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    @property
    def target_layer(self) -> nn.Module:
        """For Grad-CAM: 6 x 6 at 48 px; the last stage's 3 x 3 is too coarse to localise anything."""
        return self.stages[2]

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, H, W) -> (B, n_classes)."""
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return self.head(self.dropout(x.mean((2, 3))))


def conv_norm(n_in: int, n_out: int, side: int, stride: int = 1) -> nn.Sequential:
    """A side x side convolution that preserves the size (apart from the stride), and its norm."""
    return nn.Sequential(nn.Conv2d(n_in, n_out, side, stride, side // 2, bias=False), nn.BatchNorm2d(n_out))
