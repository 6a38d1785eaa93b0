"""Weights files in float16: half the size, and 0 of 3,589 predictions changed from float32 (docs/experiments.md).

Rounding happens once, when training keeps its best weights. Nothing is lost after that: the scores are those of the
weights in the file, and reading and rewriting it changes no weight.
"""

import torch
from torch import Tensor

_MOST = 2.0**-10  # twice the largest rounding error of a number that float16 has in full


def round_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with matrices and kernels rounded to float16, in float32.

    Vectors (biases, norms and their statistics) stay as they are: 0.5 % of the numbers and more than half of the error.
    So does a tensor that float16 cannot represent (`_fits`).
    """
    return {name: tensor.half().float() if _fits(tensor) else tensor for name, tensor in state.items()}


def shorten(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with matrices and kernels at float16's precision: in float16, or in float32 with trailing zeros.

    The latter are tensors that float16 cannot represent; they take little more space in a zip file.
    """
    short = {name: _cut(tensor) if tensor.ndim > 1 else tensor for name, tensor in round_state(state).items()}
    return pack_half(short)


def _cut(tensor: Tensor) -> Tensor:
    """Float32 rounded to 11 binary digits of each number, whatever its size; float16's own numbers stay as they are."""
    if tensor.dtype != torch.float32:
        return tensor
    mantissa, exponent = torch.frexp(tensor)
    return torch.ldexp((mantissa * 2048).round() / 2048, exponent)


def pack_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with each float32 tensor that float16 represents exactly in float16."""
    return {
        name: tensor.half() if tensor.dtype == torch.float32 and torch.equal(tensor.half().float(), tensor) else tensor
        for name, tensor in state.items()
    }


def unpack_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state with each tensor of 16 bits (float16, bfloat16) in float32."""
    short = (torch.float16, torch.bfloat16)
    return {name: tensor.float() if tensor.dtype in short else tensor for name, tensor in state.items()}


def _fits(tensor: Tensor) -> bool:
    """Whether float16 preserves each output's weights to a thousandth of their norm.

    Numbers above 65,504 do not fit, nor do outputs whose weights are almost all below 0.00006: a subsequent norm would
    amplify their error along with them.
    """
    if tensor.dtype != torch.float32 or tensor.ndim < 2:
        return False
    weights = tensor.double().flatten(1)
    lost = (tensor.half().double().flatten(1) - weights).norm(dim=1)
    return bool((lost <= _MOST * weights.norm(dim=1)).all())
