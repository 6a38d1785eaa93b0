"""Options that several commands share, in groups: what to train, and on which machine."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from fer_core.errors import InputError

if TYPE_CHECKING:
    from fer_core.runners.slurm import SlurmOptions
    from fer_core.runs.config import TrainConfig

DatasetOption = Annotated[str, typer.Option(help="an assembled data set")]
PresetOption = Annotated[str | None, typer.Option(help="a preset, for example quick or compact")]
ModelOption = Annotated[str | None, typer.Option(help="architecture")]
EpochsOption = Annotated[int | None, typer.Option(help="passes over the training faces")]
SeedOption = Annotated[int | None, typer.Option(help="seed of initial weights, order and augmentation")]
DeviceOption = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:1 or mps")]
NameOption = Annotated[str | None, typer.Option(help="a title for the run")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="field=value for any field of the config; may be repeated")
]
Yes = Annotated[bool, typer.Option("--yes", help="skip the confirmation")]


@dataclass(frozen=True, kw_only=True)
class Training:
    """What to train. --set overrides the other options, and these override the preset."""

    dataset: DatasetOption
    preset: PresetOption = None
    model: ModelOption = None
    device: DeviceOption = None
    set_: SetOption = None

    def values(self, **more: Any) -> dict[str, Any]:
        """The config fields that were given, plus `more`; a value of None counts as not given.

        Raises:
            InputError: for an unknown preset or field.
        """
        from fer_core.runs.config import parse_settings
        from fer_core.runs.presets import preset_values

        named = {field.name: getattr(self, field.name) for field in fields(self)}
        preset, settings = named.pop("preset"), named.pop("set_")
        given = {field: value for field, value in {**named, **more}.items() if value is not None}
        return {**(preset_values(preset) if preset else {}), **given, **parse_settings(settings or [])}

    def config(self, **more: Any) -> "TrainConfig":
        """The validated config of `values`."""
        from fer_core.runs.config import build_config

        return build_config(self.values(**more))


@dataclass(frozen=True, kw_only=True)
class NamedTraining(Training):
    """A complete run. Without a name, it is named after its preset."""

    epochs: EpochsOption = None
    seed: SeedOption = None
    name: NameOption = None

    def values(self, **more: Any) -> dict[str, Any]:
        """As `Training.values`."""
        return super().values(name=self.name or self.preset, **more)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where to train."""

    where: Annotated[Literal["local", "slurm"], typer.Option("--on", help="this machine, or a cluster")] = "local"
    partition: Annotated[str | None, typer.Option(help="Slurm partition")] = None
    time_min: Annotated[int | None, typer.Option("--time", help="time limit of a Slurm job, in minutes", min=3)] = None
    gpus: Annotated[int | None, typer.Option(help="per Slurm job", min=0)] = None
    cpus: Annotated[int | None, typer.Option(help="per Slurm job", min=1)] = None
    memory_gb: Annotated[float | None, typer.Option(help="memory per Slurm job, in GB", min=0.1)] = None

    def slurm(self, **more: Any) -> "SlurmOptions | None":
        """The options for Slurm, plus `more`; None on this machine, where none of them applies."""
        from fer_core.runners.slurm import SlurmOptions

        named = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "where"}
        given = {name: value for name, value in {**named, **more}.items() if value is not None}
        if self.where == "slurm":
            return SlurmOptions(**given)
        if given:
            raise InputError(f"{', '.join(given)}: available on Slurm only. Add --on slurm.")
        return None


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command in the form that typer expects: each field of a group (a dataclass parameter) becomes an option."""
    parameters = inspect.signature(command).parameters.values()
    groups: dict[str, Any] = {each.name: each.annotation for each in parameters if is_dataclass(each.annotation)}
    options = [
        option.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for each in parameters
        for option in (_list_options(each.annotation) if each.name in groups else [each])
    ]

    @wraps(command)
    def call(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in fields(group)})
        command(**given)

    call.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    call.__annotations__ = {option.name: option.annotation for option in options}
    return call


def _list_options(group: Any) -> list[inspect.Parameter]:
    """The parameters of the group's constructor, with their typer annotations."""
    hints = get_type_hints(group, include_extras=True)
    return [each.replace(annotation=hints[each.name]) for each in inspect.signature(group).parameters.values()]
