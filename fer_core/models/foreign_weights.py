"""Weights saved by other programs: matching the file's tensors to the network's by name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from fer_core.labels import N_EXPRESSIONS

# What wraps a network or its state without being another network: chosen before "teacher.", "model_ema." and others.
_PLAIN = frozenset(
    {
        "", "module", "model", "net", "network", "backbone", "encoder", "student", "classifier", "trunk", "state_dict",
        "model_state_dict", "model_state", "net_state_dict", "weights", "params",
    }
)  # fmt: skip
_WRAPPERS = ("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module.")  # torch's own, anywhere in a name


@dataclass(frozen=True, kw_only=True)
class Match:
    """A file's tensors under the network's names.

    Attributes:
        state: name in the network -> the file's tensor of that name and a shape that fits.
        prefix: of the file's names, missing in the network's, such as "state_dict.module.".
        rivals: other prefixes under which as many tensors fit, so that the choice is ambiguous.
        n_unused: tensors of the file under the prefix that the network does not have.
        misfits: names in both, with shapes that do not fit.
    """

    state: dict[str, Tensor]
    prefix: str
    rivals: tuple[str, ...]
    n_unused: int
    misfits: tuple[str, ...]


def flatten_state(document: Any) -> dict[str, Tensor]:
    """Dotted name -> tensor for all tensors in nested dicts; other values are ignored.

    {"epoch": 3, "state_dict": {"module.conv1.weight": w}} has the name "state_dict.module.conv1.weight".
    """
    flat: dict[str, Tensor] = {}
    for key, value in document.items() if isinstance(document, Mapping) else ():
        if not isinstance(key, str):  # an optimizer's state goes by numbers
            continue
        if isinstance(value, Tensor):
            flat[key] = value
        else:
            flat |= {f"{key}.{name}": tensor for name, tensor in flatten_state(value).items()}
    return flat


def match_names(state: Mapping[str, Tensor], own: Mapping[str, Tensor]) -> Match:
    """The file's tensors under the network's names: those with the prefix for which the most fit by name and shape.

    Missing tensors are looked up one level higher, so that "module.backbone.conv1.weight" and "module.fc.weight" are
    found together. Nothing is matched by shape alone.

    Args:
        state: the file's, from `flatten_state`.
        own: the network's state dict.
    """
    cleaned = {_unwrap(name): tensor for name, tensor in state.items()}
    fits = Counter(
        name[: len(name) - len(tail)]
        for name, tensor in cleaned.items()
        for tail in _tails(name)
        if tail in own and fit_shapes(tensor, own[tail])
    )
    most = max(fits.values(), default=0)
    best = [prefix for prefix, n in fits.items() if n == most]
    plain = [prefix for prefix in best if _PLAIN.issuperset(prefix.split("."))]
    rivals = plain if plain else best
    prefix = min(rivals, key=len) if rivals else ""
    found = _below(cleaned, prefix)
    misfits = tuple(name for name, tensor in found.items() if name in own and not fit_shapes(tensor, own[name]))
    matched = {name: tensor for name, tensor in found.items() if name in own and name not in misfits}
    n_unused = len(found) - len(matched)
    for above in _above(prefix):
        for name, tensor in _below(cleaned, above).items():
            if name in own and name not in found and fit_shapes(tensor, own[name]):
                matched.setdefault(name, tensor)
    others = tuple(other for other in rivals if other != prefix)
    return Match(state=matched, prefix=prefix, rivals=others, n_unused=n_unused, misfits=misfits)


def fit_shapes(candidate: Tensor, tensor: Tensor) -> bool:
    """Whether `candidate` can be copied into `tensor`, as `fer_core.models.weights.adapt_tensor` does it."""
    a, b = tuple(candidate.shape), tuple(tensor.shape)
    if a == b:
        return True
    if not a or not b or a[1:] != b[1:]:
        return len(a) == len(b) == 4 and a[0] == b[0] and a[2:] == b[2:] and {a[1], b[1]} == {1, 3}
    return {a[0], b[0]} == {N_EXPRESSIONS, 2 * N_EXPRESSIONS}


def _unwrap(name: str) -> str:
    for wrapper in _WRAPPERS:
        name = name.replace(wrapper, "")
    return name


def _tails(name: str) -> list[str]:
    """The name and its suffixes: "a.b.c", "b.c", "c"."""
    parts = name.split(".")
    return [".".join(parts[i:]) for i in range(len(parts))]


def _above(prefix: str) -> list[str]:
    """The shorter prefixes of a prefix, the longest first: "a.b." -> "a.", ""."""
    parts = prefix.split(".")[:-1]
    return ["".join(f"{part}." for part in parts[:n]) for n in range(len(parts) - 1, -1, -1)] if parts else []


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
