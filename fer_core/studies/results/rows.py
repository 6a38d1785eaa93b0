"""The contents of `docs/results.toml`: the data sets, sections and rows of the table of results.

A row of a new kind is a model here, an entry of KINDS, and an entry of `fer_core.studies.results.work.WORK`.
"""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fer_core.errors import InputError
from fer_core.models.heads import Head
from fer_core.models.preprocess import Views
from fer_core.runs.config import Settings, TrainConfig, build_config, split_names
from fer_core.runs.presets import preset_values
from fer_core.runs.run import BUNDLED_ID
from fer_core.studies.results.durations import parse_duration


def _read_duration(value: Any) -> float:
    return parse_duration(str(value))


Duration = Annotated[float, BeforeValidator(_read_duration)]  # seconds, written as 9m
PerCent = Annotated[float, Field(ge=0, le=100)]
Split = Literal["train", "val", "test", "all"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Section(_Model):
    """A heading of the document with the text beneath it and the names of the splits."""

    title: str
    text: str = ""
    val: str = "validation"
    test: str = "test"


class Recorded(_Model):
    """Scores in percent, recorded by hand from a run that no longer exists.

    Attributes:
        on: the day on which they were recorded.
        n: number of test faces, for the interval.
    """

    on: date
    command: str = ""
    seed: int | None = None
    epochs: str = ""
    device: str = ""
    n: int | None = Field(None, ge=1)
    val: PerCent | None = None
    test: PerCent | None = None
    without_copies: PerCent | None = None
    macro_f1: PerCent | None = None
    ece: PerCent | None = None


class Row(_Model):
    """The fields common to rows of every kind.

    Attributes:
        kind: key of KINDS.
        section: key of its section.
        dataset: key of the data set.
        head: the head that is scored.
        views: averaged views of a face; None: those of the run.
        against: the ground truth: the labels, or the majority of the votes.
        deadline: seconds after which a run is stopped, to be continued by the next call; None: never.
        takes: expected seconds of one run; with a budget, a run that would exceed it is not started.
        group: rows that are run together, such as those of `fer gpu`; empty: none.
        why_not: why the row runs only if it is named; empty: it always runs.
        recorded: scores recorded by hand.
    """

    uses_dataset: ClassVar[bool] = True

    name: str
    kind: str
    title: str
    section: str
    dataset: str = ""
    head: Head = "labels"
    views: Views | None = None
    against: Literal["labels", "votes"] = "labels"
    deadline: Duration | None = None
    takes: Duration | None = None
    group: str = ""
    why_not: str = ""
    recorded: tuple[Recorded, ...] = ()

    @property
    def needs(self) -> tuple[str, ...]:
        """The rows whose runs this one uses."""
        return ()

    @property
    def expected_s(self) -> float | None:
        """Expected seconds of one run; None if the file does not say."""
        times = [seconds for seconds in (self.takes, self.deadline) if seconds is not None]
        return min(times, default=None)


class TrainRow(Row):
    """A training run for each seed.

    Its `set` may name runs of rows above it as `teacher`, or one in `init` after `run:`: "ROW", or "ROW seed 0" where
    the row has several seeds.
    """

    kind: Literal["train"]
    preset: str = ""
    set: Settings = {}
    seeds: tuple[int, ...] = (0,)

    @property
    def teachers(self) -> tuple[str, ...]:
        """The titles of its teachers, without the bundled network."""
        return tuple(name for name in split_names(str(self.set.get("teacher", ""))) if name != BUNDLED_ID)

    @property
    def parents(self) -> tuple[str, ...]:
        """The titles of its parent runs: the teachers, and the run whose weights it starts from."""
        before, _, start = str(self.set.get("init", "")).partition("run:")
        return self.teachers if before or start in ("", BUNDLED_ID) else (*self.teachers, start)

    @property
    def needs(self) -> tuple[str, ...]:
        """The rows of its parent runs."""
        return tuple(dict.fromkeys(title.partition(" seed ")[0] for title in self.parents))

    def run_title(self, seed: int) -> str:
        """The title of the run of that seed."""
        return self.name if len(self.seeds) == 1 else f"{self.name} seed {seed}"

    def config(self, seed: int) -> TrainConfig:
        """The config of the run of that seed.

        Raises:
            InputError: for an unknown preset or an invalid value.
        """
        values = preset_values(self.preset) if self.preset else {}
        return build_config({**values, **self.set, "dataset": self.dataset, "name": self.run_title(seed), "seed": seed})


class EvaluateRow(Row):
    """An evaluation of the bundled network or of another row's runs."""

    kind: Literal["evaluate"]
    of: str = BUNDLED_ID
    splits: tuple[Split, ...] = Field(("val", "test"), min_length=1)

    @property
    def needs(self) -> tuple[str, ...]:
        """The row whose runs are scored, if any."""
        return () if self.of == BUNDLED_ID else (self.of,)


class EnsembleRow(Row):
    """An ensemble of other rows' runs; if greedy, of those that improve validation accuracy."""

    kind: Literal["ensemble"]
    members: tuple[str, ...] = Field(min_length=1)
    greedy: bool = False

    @property
    def needs(self) -> tuple[str, ...]:
        """The rows whose runs are averaged."""
        return self.members


class RecordedRow(Row):
    """A row with recorded scores only."""

    uses_dataset: ClassVar[bool] = False

    kind: Literal["recorded"]


KINDS: dict[str, type[Row]] = {
    "train": TrainRow,
    "evaluate": EvaluateRow,
    "ensemble": EnsembleRow,
    "recorded": RecordedRow,
}


def list_seeds(row: Row, rows: dict[str, Row]) -> tuple[int | None, ...]:
    """The seeds of a row's runs; [None] for a row without seeds."""
    if isinstance(row, TrainRow):
        return row.seeds
    if isinstance(row, EvaluateRow) and row.needs:
        return list_seeds(rows[row.of], rows)
    return () if isinstance(row, RecordedRow) else (None,)


def name_run(row: Row, seed: int | None) -> str:
    """The display name of one run of the row: the row's name, with the seed if there is one."""
    return row.name if seed is None else f"{row.name}, seed {seed}"


def name_title(row: Row, seed: int | None) -> str:
    """The title of one of the row's runs; the first if the seed is None."""
    return row.run_title(row.seeds[0] if seed is None else seed) if isinstance(row, TrainRow) else row.name


def list_titles(row: Row) -> list[str]:
    """The titles of a row's runs."""
    return [row.run_title(seed) for seed in row.seeds] if isinstance(row, TrainRow) else [row.name]


def check_row(row: Row, rows: dict[str, Row], datasets: set[str], sections: set[str]) -> None:
    """Checks that the row fits the rest of the file.

    Args:
        row: the row to check.
        rows: the rows above it, by name.
        datasets: names of the file's data sets.
        sections: keys of the file's sections.

    Raises:
        InputError: with a message that begins with the field.
    """
    if row.section not in sections:
        raise InputError(f"section: expected one of {_join(sections)}, got {row.section!r}")
    if row.uses_dataset and row.dataset not in datasets:
        raise InputError(f"dataset: expected one of {_join(datasets)}, got {row.dataset!r}")
    for name in row.needs:
        field = "members" if isinstance(row, EnsembleRow) else _name_setting(row, name)
        if name not in rows or not isinstance(rows[name], TrainRow | EnsembleRow):
            known = [n for n, r in rows.items() if isinstance(r, TrainRow | EnsembleRow)]
            raise InputError(f"{field}: expected a row above it that produces runs ({_join(known)}), got {name!r}")
        if isinstance(row, EnsembleRow) and rows[name].dataset != row.dataset:
            raise InputError(f"members: expected rows on {row.dataset}, got {name!r} on {rows[name].dataset}")
    if isinstance(row, TrainRow):
        own = {"dataset", "name", "seed"} & set(row.set)
        if own:
            raise InputError(f"set: {_join(own)} is not allowed here; the row has its own fields for that")
        known = [title for need in row.needs for title in list_titles(rows[need])]
        if wrong := [title for title in row.parents if title not in known]:
            raise InputError(f"{_name_setting(row, wrong[0])}: expected one of {', '.join(known)}, got {wrong[0]!r}")
        if not row.seeds or len(set(row.seeds)) < len(row.seeds):
            raise InputError(f"seeds: expected one or more different seeds, got {list(row.seeds)}")
        row.config(row.seeds[0])


def _name_setting(row: Row, name: str) -> str:
    """The field that names a row or a run."""
    if not isinstance(row, TrainRow):
        return "of"
    return (
        "set: teacher" if any(name in (title, title.partition(" seed ")[0]) for title in row.teachers) else "set: init"
    )


def _join(names: Any) -> str:
    return ", ".join(sorted(names)) or "none yet"
