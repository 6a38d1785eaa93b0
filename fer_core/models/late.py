"""The project's larger network: it reduces the input to 24 px at once and computes at the sizes that suit a CPU."""

from torch import nn

from fer_core.models.compact import ResidualBlock
from fer_core.models.staged import Staged, conv_norm

_WIDTHS, _DEPTHS, _STRIDES = (32, 128, 256, 256), (1, 3, 3, 1), (1, 2, 2, 2)


class Late(Staged):
    """Logits for grey faces, with nine tenths of the arithmetic at 12 and 6 px.

    At 48 px the stem halves the size and the four stages see 24, 12, 6 and 3 px.

    Args:
        channels: of the input, 1 or 3.
        n_classes: logits per face.
        dropout: share of the pooled features dropped in training.

    Source: residual blocks of He et al., 2016, with the shortcuts of ResNet-D (He et al., Bag of Tricks for Image
    Classification with Convolutional Neural Networks, 2019): a mean over 2 x 2 where a stride would drop three of four.
    """

    def __init__(self, channels: int, n_classes: int, dropout: float = 0.0) -> None:
        stem = nn.Sequential(*conv_norm(channels, _WIDTHS[0], 3, 2), nn.ReLU(inplace=True))
        stages, n_in = [], _WIDTHS[0]
        for n_out, depth, stride in zip(_WIDTHS, _DEPTHS, _STRIDES, strict=True):
            blocks = [_block(n_in, n_out, stride)] + [_block(n_out, n_out, 1) for _ in range(depth - 1)]
            stages.append(nn.Sequential(*blocks))
            n_in = n_out
        super().__init__(stem, stages, n_in, n_classes, dropout)


def _block(n_in: int, n_out: int, stride: int) -> ResidualBlock:
    block = ResidualBlock(n_in, n_out, stride)
    if stride != 1:
        mean = nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False)  # odd sizes round up, as strides do
        block.shortcut = nn.Sequential(mean, *conv_norm(n_in, n_out, 1))
    return block
