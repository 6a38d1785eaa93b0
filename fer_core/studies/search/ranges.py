"""The ranges of a search, one per field: `learning_rate=0.01..0.3:log`, `epochs=5..20`, `optimizer=sgd|adamw`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig, build_config

if TYPE_CHECKING:
    from optuna.trial import Trial

_FORMS = "field=low..high, field=low..high:log or field=a|b"


@dataclass(frozen=True, kw_only=True)
class Range:
    """The range of one field.

    Attributes:
        field: of TrainConfig.
        low: the smallest number; None for choices.
        high: the largest number, inclusive.
        log: draw uniformly on a log scale, as suits learning rates.
        choices: explicit values, for example of a field that is not a number.
    """

    field: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[Any, ...] = ()

    def __str__(self) -> str:
        if self.choices:
            return f"{self.field}={'|'.join(c if isinstance(c, str) else json.dumps(c) for c in self.choices)}"
        return f"{self.field}={self.low}..{self.high}{':log' if self.log else ''}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """The smallest and the largest value, or all choices."""
        return self.choices or (self.low, self.high)

    def suggest(self, trial: "Trial") -> Any:
        """The trial's value for the field; Optuna draws it on the first call."""
        if self.choices:
            return trial.suggest_categorical(self.field, self.choices)
        assert self.low is not None and self.high is not None
        if TrainConfig.model_fields[self.field].annotation is int:
            return trial.suggest_int(self.field, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.field, self.low, self.high, log=self.log)


def searchable_fields() -> list[str]:
    """The fields that may have a range: all except the data, the name, and those of the machine.

    The seed is excluded too: the best of many seeds on the validation faces is luck, not better training.
    """
    fields = TrainConfig.model_fields.items()
    groups = {name: info.json_schema_extra["group"] for name, info in fields}  # type: ignore[index]
    return [name for name in groups if name not in ("dataset", "name") and groups[name] != "Machine"]


def parse_range(text: str) -> Range:
    """Parses a range such as `epochs=5..20` and checks it against the limits and the type of its field.

    Raises:
        InputError: with a message that names the field, or the valid forms of a range.
    """
    field, equals, rest = (part.strip() for part in text.partition("="))
    if not equals or field not in searchable_fields():
        fields = ", ".join(searchable_fields())
        raise InputError(f"{text!r} is not a range: expected {_FORMS}, with one of the fields {fields}.")
    if ".." in rest and "|" not in rest:  # a path among choices may hold ".." too
        return _parse_numbers(field, rest)
    choices = tuple(_read_value(part.strip()) for part in rest.split("|"))
    if len(set(map(str, choices))) < max(len(choices), 2):
        raise InputError(f"{field}: the range {rest!r} needs at least two different choices. Write it as {_FORMS}.")
    return Range(field=field, choices=tuple(_check_value(field, choice) for choice in choices))


def parse_ranges(texts: Sequence[str]) -> tuple[Range, ...]:
    """The ranges of a search.

    Raises:
        InputError: if there is none, one is invalid, or a field has two.
    """
    ranges = tuple(map(parse_range, texts))
    fields = [r.field for r in ranges]
    if not ranges:
        raise InputError(f"A search needs at least one range: {_FORMS}.")
    for field in fields:
        if fields.count(field) > 1:
            raise InputError(f"{field} has {fields.count(field)} ranges. Give it one.")
    return ranges


def _parse_numbers(field: str, text: str) -> Range:
    annotation = TrainConfig.model_fields[field].annotation
    if annotation not in (int, float):
        raise InputError(f"{field} is not a number, so {text!r} cannot be its range. Give choices: {field}=a|b.")
    numbers, colon, scale = text.partition(":")
    if colon and scale != "log":
        raise InputError(f"{field}: unknown scale {scale!r}. Write {field}={numbers}:log, or omit the scale.")
    ends = numbers.split("..", 1)
    try:
        low, high = (int(end) if annotation is int else float(end) for end in ends)
    except ValueError as error:
        kind = "whole numbers" if annotation is int else "numbers"
        raise InputError(f"{field}: expected two {kind} as low..high, got {numbers!r}. Change the range.") from error
    if low >= high:
        raise InputError(f"{field}: the range {numbers} is empty. Put the smaller number first.")
    if colon and low <= 0:
        raise InputError(f"{field}: a log scale must begin above 0, got {numbers}. Raise the low end, or omit :log.")
    return Range(field=field, low=_check_value(field, low), high=_check_value(field, high), log=bool(colon))


def _check_value(field: str, value: Any) -> Any:
    return getattr(build_config({"dataset": "any", field: value}), field)


def _read_value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
