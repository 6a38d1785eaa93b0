"""The data sets of the table: which sources, joined how; found in the workspace, or assembled there."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from fer_core.errors import InputError
from fer_core.results.places import Places, split_source


class DatasetSpec(BaseModel):
    """How a data set is made: either drawn, or sources joined by the choices of `fer_core.data.recipe.Recipe`.

    Attributes:
        sources: names of the file's sources, in order.
        drawn: how many faces of the demo are drawn instead; 0: none.
        seed: of the drawing and of drawn splits.
        choices: the other fields of a recipe, such as split or copies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sources: tuple[str, ...] = ()
    drawn: int = Field(0, ge=0)
    seed: int = 0
    choices: dict[str, Any] = {}

    def check(self, name: str, sources: set[str]) -> None:
        """Returns where a data set of that name can be made of these sources; else raises InputError."""
        unknown = [source for source in self.sources if source not in sources]
        if unknown:
            raise InputError(f"sources: expected names of [sources], got {unknown[0]!r}")
        if bool(self.sources) == bool(self.drawn):
            raise InputError("sources: expected some, or a number of faces in drawn, and not both")
        if self.sources:
            self.recipe(name, dict.fromkeys(self.sources, "/"))

    def recipe(self, name: str, places: Places) -> Any:
        """The `Recipe` of that name; `places` has each of the sources.

        Raises:
            InputError: for a choice that there is not, or a wrong value.
        """
        from fer_core.data.recipe import parse_source, read_recipe  # pandas

        given = [parse_source(places[source]) for source in self.sources]
        values = {**self.choices, "name": name, "sources": given, "seed": self.seed}
        _check_choices(self.choices)
        return read_recipe(values)


def _check_choices(choices: Mapping[str, Any]) -> None:
    from fer_core.data.recipe import Recipe

    known = [field.name for field in fields(Recipe) if field.name not in ("name", "sources", "seed")]
    unknown = [choice for choice in choices if choice not in known]
    if unknown:
        raise InputError(f"choices: {unknown[0]}: no such choice; there are {', '.join(known)}")


def ensure_dataset(name: str, spec: DatasetSpec, sources: Mapping[str, str], places: Places, progress: Any) -> str:
    """Assembles the data set unless it is there; returns its fingerprint.

    Args:
        name: of the data set.
        spec: how it is made.
        sources: of the file, for what an error says.
        places: as find_places finds them.
        progress: of the assembling, as `fer_core.data.assemble` has it.

    Raises:
        InputError: when a source is missing, or the data set of that name was made another way.
    """
    from fer_core.data.assemble import assemble
    from fer_core.data.dataset import dataset_names, open_dataset
    from fer_core.data.demo import make_demo

    if name in dataset_names():
        info = open_dataset(name).info
        difference = _describe_difference(spec, name, info)
        if difference:
            raise InputError(
                f"The data set {name!r} of the workspace was made another way ({difference}). Use another workspace "
                "(FER_HOME), or delete it to have it assembled anew."
            )
        return info["fingerprint"]
    if spec.drawn:
        return make_demo(name, spec.drawn, spec.seed, progress).info["fingerprint"]
    missing = [source for source in spec.sources if source not in places]
    if missing:
        path = Path(split_source(sources[missing[0]])[1])
        raise InputError(
            f"The data set {name!r} needs {path}, which is not there. Give the folder that has it with "
            f"`fer results run --data FOLDER`, or the path itself with `fer results run --source {missing[0]}=PATH`."
        )
    return assemble(spec.recipe(name, places), progress).info["fingerprint"]


def _describe_difference(spec: DatasetSpec, name: str, info: Mapping[str, Any]) -> str:
    """The first choice in which the data set differs from what is asked for; empty where none does.

    Paths may differ. Whether near copies were looked for changes neither faces nor splits, where copies are kept and
    the split is official.
    """
    from fer_core.data.recipe import read_recipe

    if spec.drawn or info["drawn"]:
        found, wanted = (info["n"], info["recipe"]["seed"]) if info["drawn"] else (0, 0), (spec.drawn, spec.seed)
        return "" if found == wanted else f"{found[0]} drawn faces, not {wanted[0]}"
    now = read_recipe({**info["recipe"], "name": name})
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
