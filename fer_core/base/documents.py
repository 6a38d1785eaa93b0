"""JSON documents with a schema: frozen models of the files in a workspace."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from fer_core.base.files import UnreadableError, read_json


class Document(BaseModel):
    """A JSON document, or a part of one.

    Missing fields have defaults, so that documents of earlier versions open. A field that only a newer version knows is
    ignored, kept, and written back unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True, protected_namespaces=())

    def to_document(self, exclude: set[str] | None = None) -> dict[str, object]:
        """The contents of the JSON file: the fields that are set, in the order of the model, then unknown ones."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=exclude)

    def to_fields(self) -> dict[str, object]:
        """The fields that are set, by name, as they are: to build another model from."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


D = TypeVar("D", bound=Document)


def read_model(path: Path, model: type[D]) -> D:
    """The document in the JSON file `path`.

    Raises:
        FileNotFoundError: when there is no such file.
        UnreadableError: when it is not JSON, or not a document of that kind.
    """
    return parse_document(read_json(path), model, path)


def parse_document(document: object, model: type[D], path: Path) -> D:
    """The document as its model.

    Args:
        document: as JSON has it.
        model: its kind.
        path: where it was found, for the error.

    Raises:
        UnreadableError: when it is not a document of that kind.
    """
    try:
        return model.model_validate(document)
    except (ValidationError, RecursionError) as error:
        raise UnreadableError(path, explain(error)) from error


def explain(error: ValidationError | RecursionError) -> str:
    """A short description of what is wrong with a document, naming the field."""
    if not isinstance(error, ValidationError):
        return "it is nested too deeply"
    names = {"model_type": "expected a JSON object"}
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else names.get(first["type"], first["msg"])
