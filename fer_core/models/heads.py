"""The two heads of a network, each of which answers its own question about a face. No torch here."""

from pathlib import Path
from typing import Literal

from safetensors import safe_open

from fer_core.base.files import reading
from fer_core.labels import EXPRESSIONS

Head = Literal["labels", "people"]
HEADS: tuple[Head, ...] = ("labels", "people")

LOGITS: dict[Head, list[str]] = {
    "labels": [f"logit_{expression}" for expression in EXPRESSIONS],
    "people": [f"people_logit_{expression}" for expression in EXPRESSIONS],
}
"""The columns of predictions.parquet with each head's logits."""

ANSWERS: dict[Head, str] = {
    "labels": "how its training data would label the face",
    "people": "what most people would say",
}


def read_heads(weights: Path) -> tuple[Head, ...]:
    """The heads of the network in a weights file of this project."""
    with reading(weights, "a weights file"), safe_open(weights, framework="np") as file:
        return HEADS if "people" in (file.metadata() or {}) else HEADS[:1]
