"""The schema of a row's JSON file: types, and shares between 0 and 1."""

from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from fer_core.labels import N_EXPRESSIONS

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
_NEEDED = ("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy")  # of the curves


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class Scores(_Document):
    """The scores of one split."""

    n: Count
    accuracy: Share
    n_without_copies: Count | None = None
    accuracy_without_copies: Share | None = None
    macro_f1: Share | None = None
    ece: Share | None = None
    ece_floor: Share | None = None
    confusion: list[list[Count]]

    @field_validator("confusion")
    @classmethod
    def _check_confusion(cls, value: list[list[int]]) -> list[list[int]]:
        if [len(row) for row in value] != [N_EXPRESSIONS] * N_EXPRESSIONS:
            sizes = ", ".join(str(len(row)) for row in value)
            raise ValueError(f"expected {N_EXPRESSIONS} rows of {N_EXPRESSIONS} counts, got rows of {sizes}")
        return value

    @model_validator(mode="after")
    def _check_copies(self) -> "Scores":
        if self.accuracy_without_copies is not None and self.n_without_copies is None:
            raise ValueError("expected n_without_copies with accuracy_without_copies, got none")
        return self


class Member(_Document):
    """One member of an ensemble."""

    title: str
    weight: float


class Entry(_Document):
    """The entry of one run; a value that an epoch lacks is null or not finite."""

    seed: int | None
    command: str
    measured: str
    git_commit: str | None = None
    dataset_fingerprint: str
    machine: str
    seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
    n_epochs: int | None
    best_epoch: int | None
    scores: Annotated[dict[str, Scores], Field(min_length=1)]
    curves: dict[str, list[float | None]] | None = None
    members: list[Member] = []

    @field_validator("curves")
    @classmethod
    def _check_curves(cls, value: dict[str, list[float | None]] | None) -> dict[str, list[float | None]]:
        missing = [name for name in _NEEDED if not (value or {}).get(name)]
        if value is None or missing:
            raise ValueError(
                f"expected a number for each epoch in {', '.join(_NEEDED)}, got none in {', '.join(missing)}"
            )
        if None in value["epoch"]:
            raise ValueError("expected the number of every epoch, got null")
        if len(lengths := {len(numbers) for numbers in value.values()}) > 1:
            raise ValueError(f"expected equally many numbers in each, got {', '.join(map(str, sorted(lengths)))}")
        return value


class RowFile(_Document):
    """The whole file."""

    version: Annotated[int, Field(ge=1, le=1)] = 1
    row: str
    kind: str
    state: Literal["done", "unfinished", "not run"]
    why: str
    spec: dict[str, Any]
    dataset_fingerprint: str = ""
    results: list[Entry]

    @field_validator("results")
    @classmethod
    def _check_seeds(cls, value: list[Entry]) -> list[Entry]:
        twice = [seed for seed, n in Counter(entry.seed for entry in value).items() if n > 1]
        if twice:
            raise ValueError(f"expected one entry for each seed, got two with seed {twice[0]}")
        return value
