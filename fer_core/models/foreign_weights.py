"""Weights as other programs save them: which tensor of the file is which of the network's, by name."""

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
        prefix: what the file's names begin with and the network's do not, such as "state_dict.module.".
        rivals: other prefixes under which as many tensors fit: which network is meant is then not known.
        n_unused: tensors of the file below the prefix that the network has no place for.
        misfits: names that both have, with shapes that do not fit.
    """

    state: dict[str, Tensor]
    prefix: str
    rivals: tuple[str, ...]
    n_unused: int
    misfits: tuple[str, ...]


def flatten_state(document: Any) -> dict[str, Tensor]:
    """Dotted name -> tensor of all that lies in dicts within dicts; what is no tensor is passed over.

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
    """The file's tensors under the network's names: below the prefix under which the most fit by name and shape.

    What is missing there is looked for one level up, so that "module.backbone.conv1.weight" and "module.fc.weight"
    are found together. Nothing is matched by its shape alone.

    Args:
        state: of the file, from `flatten_state`.
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
    """The name, and what is left of it without its first parts: "a.b.c", "b.c", "c"."""
    parts = name.split(".")
    return [".".join(parts[i:]) for i in range(len(parts))]


def _above(prefix: str) -> list[str]:
    """The prefixes that a prefix begins with, the longest first: "a.b." -> "a.", ""."""
    parts = prefix.split(".")[:-1]
    return ["".join(f"{part}." for part in parts[:n]) for n in range(len(parts) - 1, -1, -1)] if parts else []


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
