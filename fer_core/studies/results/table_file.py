"""Reads `results.toml`. In the same folder are `results/`, with a JSON file and a figure per row, and `results.md`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from fer_core.base.project import ROOT
from fer_core.base.workspace import check_name
from fer_core.errors import InputError
from fer_core.studies.results.datasets import DatasetSpec
from fer_core.studies.results.rows import KINDS, Row, Section, check_row

M = TypeVar("M", bound=BaseModel)

_PARTS = ("sources", "dataset", "section", "row")
_OF_THE_PROJECT = ROOT / "docs" / "results.toml"


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """One file, read and checked.

    Attributes:
        path: of the TOML file.
        sources: name -> [READER=]PATH, with the path relative to the data folder.
        datasets: by name.
        sections: by key, in the order of the file.
        rows: by name, in the order of the file.
    """

    path: Path
    sources: Mapping[str, str]
    datasets: Mapping[str, DatasetSpec]
    sections: Mapping[str, Section]
    rows: dict[str, Row]

    @property
    def folder(self) -> Path:
        """The folder of the rows' JSON files and figures."""
        return self.path.with_suffix("")

    @property
    def document(self) -> Path:
        """The Markdown file that `fer results table` writes."""
        return self.path.with_suffix(".md")

    def pick(self, names: list[str]) -> list[Row]:
        """The named rows in the order of the file; all if none is named.

        Raises:
            InputError: for an unknown name.
        """
        unknown = [name for name in names if name not in self.rows]
        if unknown:
            raise InputError(f"There is no row {unknown[0]!r} in {self.path}. The rows are {', '.join(self.rows)}.")
        return [row for row in self.rows.values() if not names or row.name in names]


def find_table_file() -> Path | None:
    """The project's `docs/results.toml`, or that of the current folder; None if there is none."""
    return next((path for path in (_OF_THE_PROJECT, Path.cwd() / "docs" / "results.toml") if path.is_file()), None)


def read_table_file(path: Path | None = None) -> TableFile:
    """Reads and checks the file.

    Args:
        path: None for the result of `find_table_file`.

    Raises:
        InputError: one sentence that names the file, the row and the field.
    """
    path = path or find_table_file()
    if path is None or not path.is_file():
        raise InputError(
            f"{path or 'docs/results.toml'} does not exist. Run the command in the project's folder, or give the "
            "file with --file."
        )
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return _build(path.resolve(), document)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}. Correct it and try again.") from error
    except InputError as error:
        sentence = f"{path.name}: {str(error).rstrip('.')}."
        raise InputError(sentence if "start again" in sentence else f"{sentence} Correct it and try again.") from error


def _build(path: Path, document: Mapping[str, Any]) -> TableFile:
    unknown = sorted(set(document) - set(_PARTS))
    if unknown:
        raise InputError(f"{unknown[0]}: no such part; the parts are {', '.join(_PARTS)}")
    sources = document.get("sources", {})
    if not isinstance(sources, dict):
        raise InputError(f"sources: expected a table [sources] of NAME = [READER=]PATH, got {sources!r}")
    for name, source in sources.items():
        if not isinstance(source, str):
            raise InputError(f"sources: {name}: expected [READER=]PATH, got {source!r}")
    sections = {
        key: validate(Section, values, f"section {key!r}") for key, values in _tables(document, "section").items()
    }
    datasets = {}
    for name, values in _tables(document, "dataset").items():
        check_name(name, "data set")
        datasets[name] = validate(DatasetSpec, values, f"dataset {name!r}")
        others = {other: spec for other, spec in datasets.items() if other != name}
        with_place(f"dataset {name!r}", datasets[name].check, name, set(sources), others)
    rows: dict[str, Row] = {}
    found = document.get("row", [])
    if not isinstance(found, list):
        raise InputError(f"row: expected tables such as [[row]], got {found!r}")
    for i, values in enumerate(found, start=1):
        row = _read_row(values, i)
        if row.name in rows:
            raise InputError(f"row {row.name!r}: name: another row has it already")
        with_place(f"row {row.name!r}", check_row, row, rows, set(datasets), set(sections))
        rows[row.name] = row
    return TableFile(path=path, sources=sources, datasets=datasets, sections=sections, rows=rows)


def _tables(document: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found = document.get(part, {})
    if not isinstance(found, dict) or not all(isinstance(values, dict) for values in found.values()):
        raise InputError(f"{part}: expected tables such as [{part}.NAME]")
    return found


def _read_row(values: Any, number: int) -> Row:
    if not isinstance(values, dict) or "name" not in values:
        raise InputError(f"row {number}: name: every row needs one")
    place = f"row {values['name']!r}"
    with_place(place, check_name, str(values["name"]), "row")
    if values.get("kind") not in list(KINDS):
        raise InputError(f"{place}: kind: expected one of {', '.join(KINDS)}, got {values.get('kind')!r}")
    return validate(KINDS[values["kind"]], values, place)


def validate(model: type[M], values: Mapping[str, Any], place: str) -> M:
    """The values as that model; an InputError names the place, the field and the value found."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(map(str, fault["loc"])) or "values"
        if fault["type"] == "extra_forbidden":
            raise InputError(
                f"{place}: {field}: no such field; the fields are {', '.join(model.model_fields)}"
            ) from error
        message = (
            str(fault["msg"]).removeprefix("Value error, ").removeprefix("Input ").partition(" or instance of ")[0]
        )
        found = "" if fault["type"] == "missing" or "got " in message else f", got {fault['input']!r}"
        raise InputError(f"{place}: {field}: {message}{found}") from error


def with_place(place: str, call: Any, *arguments: Any) -> None:
    """Calls it; an InputError is raised again with the place in front."""
    try:
        call(*arguments)
    except InputError as error:
        raise InputError(f"{place}: {error}") from error
