"""The data sets of the table: found in the workspace, or assembled there from their sources."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.studies.results.places import Places, split_source


class DatasetSpec(BaseModel):
    """How a data set is made: drawn, compressed from another one, or assembled from sources.

    Attributes:
        sources: names of the file's sources, in order.
        drawn: number of drawn faces instead of sources; 0: none.
        of: data set of the file whose training faces are compressed with lossy WebP instead
            (`fer_core.datasets.assembling.sheets`).
        quality: of that WebP.
        seed: of the drawn faces and of drawn splits.
        choices: the other fields of a recipe, such as split or copies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[str, ...] = ()
    drawn: int = Field(0, ge=0)
    of: str = ""
    quality: int = Field(95, ge=1, le=100)
    seed: int = 0
    choices: dict[str, Any] = {}

    def describe(self) -> dict[str, object]:
        """All fields as JSON values, without those for compression if it is not compressed."""
        return self.model_dump(mode="json", exclude=None if self.of else {"of", "quality"})

    def check(self, name: str, sources: set[str], datasets: Mapping[str, "DatasetSpec"]) -> None:
        """Raises InputError unless a data set of that name can be made.

        Args:
            name: of the data set.
            sources: names of the file's sources.
            datasets: data sets defined above it.
        """
        if self.of and (self.of not in datasets or datasets[self.of].of):
            known = ", ".join(key for key, spec in datasets.items() if not spec.of) or "none yet"
            raise InputError(f"of: expected a data set defined above it ({known}), got {self.of!r}")
        unknown = [source for source in self.sources if source not in sources]
        if unknown:
            raise InputError(f"sources: expected names of [sources], got {unknown[0]!r}")
        if sum(map(bool, (self.sources, self.drawn, self.of))) != 1:
            raise InputError("expected exactly one of sources, drawn (a number of faces) and of (a data set)")
        if self.sources:
            self.recipe(name, dict.fromkeys(self.sources, "/"))

    def recipe(self, name: str, places: Places) -> Any:
        """The `DatasetRecipe` of that name; `places` has each of the sources.

        Raises:
            InputError: for an unknown choice or an invalid value.
        """
        from fer_core.datasets.assembling.recipe import parse_source, read_recipe  # pandas

        given = [parse_source(places[source]) for source in self.sources]
        values = {**self.choices, "name": name, "sources": given, "seed": self.seed}
        _check_choices(self.choices)
        return read_recipe(values)


def _check_choices(choices: Mapping[str, Any]) -> None:
    from fer_core.datasets.assembling.recipe import DatasetRecipe

    known = [field.name for field in fields(DatasetRecipe) if field.name not in ("name", "sources", "seed")]
    unknown = [choice for choice in choices if choice not in known]
    if unknown:
        raise InputError(f"choices: {unknown[0]}: no such choice; the choices are {', '.join(known)}")


def ensure_dataset(
    name: str,
    spec: DatasetSpec,
    sources: Mapping[str, str],
    places: Places,
    progress: Any,
    specs: Mapping[str, DatasetSpec] | None = None,
) -> str:
    """Assembles the data set unless it exists; returns its fingerprint.

    Args:
        name: of the data set.
        spec: how it is made.
        sources: of the file, for error messages.
        places: the result of `find_places`.
        progress: of the assembling, as `fer_core.datasets.assembling.assemble` has it.
        specs: of the file's other data sets, for one that is compressed from another.

    Raises:
        InputError: if a source is missing, or the data set of that name was made differently.
    """
    from fer_core.datasets.assembling.assemble import assemble
    from fer_core.datasets.assembling.demo import make_demo
    from fer_core.datasets.dataset import dataset_names, open_dataset

    if name in dataset_names():
        return _take_existing(name, spec)
    if spec.of:
        from fer_core.datasets.assembling.sheets import make_compressed

        ensure_dataset(spec.of, (specs or {})[spec.of], sources, places, progress, specs)
        return make_compressed(name, open_dataset(spec.of), spec.quality, progress).info.fingerprint
    if spec.drawn:
        return make_demo(name, spec.drawn, spec.seed, progress).info.fingerprint
    _check_sources(name, spec, sources, places)
    return assemble(spec.recipe(name, places), progress).info.fingerprint


def _take_existing(name: str, spec: DatasetSpec) -> str:
    """The fingerprint of the workspace's data set of that name; InputError if it was made differently."""
    from fer_core.datasets.dataset import open_dataset

    info = open_dataset(name).info
    difference = _describe_difference(spec, name, info)
    if difference:
        raise InputError(
            f"The data set {name!r} in the workspace was made differently ({difference}). Use another workspace "
            "(FER_HOME), or delete it to assemble it again."
        )
    return info.fingerprint


def _check_sources(name: str, spec: DatasetSpec, sources: Mapping[str, str], places: Places) -> None:
    """Raises InputError for the first source of the data set that has no path."""
    missing = [source for source in spec.sources if source not in places]
    if missing:
        path = Path(split_source(sources[missing[0]])[1])
        raise InputError(
            f"The data set {name!r} needs {path}, which does not exist. Give its folder with `fer results run "
            f"--data FOLDER`, or its path with `fer results run --source {missing[0]}=PATH`."
        )


def find_dataset(name: str, spec: DatasetSpec) -> str:
    """The fingerprint of the workspace's data set of that name; empty if none was made that way."""
    from fer_core.datasets.dataset import dataset_names, open_dataset

    if name not in dataset_names():
        return ""
    try:
        info = open_dataset(name).info
        return "" if _describe_difference(spec, name, info) else info.fingerprint
    except InputError:  # damaged, which `ensure_dataset` says where it is needed
        return ""


def _describe_difference(spec: DatasetSpec, name: str, info: DatasetInfo) -> str:
    """The first choice in which the data set differs from the spec; empty if none does.

    Paths may differ. The search for near copies changes neither faces nor splits if copies are kept and
    the split is official.
    """
    from fer_core.datasets.assembling.recipe import read_recipe
    from fer_core.datasets.dataset import dataset_names, open_dataset

    made_of = info.compressed
    if (made_of.of if made_of else "", made_of.quality if made_of else 95) != (spec.of, spec.quality):
        return f"compressed from {made_of.of} with WebP of quality {made_of.quality}" if made_of else "not compressed"
    if spec.of and made_of:
        is_older = spec.of in dataset_names() and open_dataset(spec.of).info.fingerprint != made_of.fingerprint
        return f"compressed from another version of {spec.of}" if is_older else ""
    if spec.drawn or info.drawn:
        found, wanted = (info.n, info.recipe.seed) if info.drawn else (0, 0), (spec.drawn, spec.seed)
        return "" if found == wanted else f"{found[0]} drawn faces, not {wanted[0]}"
    now = read_recipe(info.recipe.model_copy(update={"name": name}))
    asked = spec.recipe(name, dict.fromkeys(spec.sources, "/"))
    passed_over = {"name", "sources", "skip_bad"}
    if asked.split == "official" and asked.copies == "keep":
        passed_over |= {"near", "turned"}
    if len(now.sources) != len(asked.sources):
        return f"{len(now.sources)} sources, not {len(asked.sources)}"
    for field in fields(asked):
        was, wanted = getattr(now, field.name), getattr(asked, field.name)
        if field.name not in passed_over and was != wanted:
            return f"{field.name} {was}, not {wanted}"
    return ""
