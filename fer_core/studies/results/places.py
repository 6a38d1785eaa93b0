"""The paths of the table's sources on this machine."""

import os
from collections.abc import Mapping

from fer_core.base.workspace import absolute_path
from fer_core.errors import InputError

Places = Mapping[str, str]  # name of a source -> [READER=]PATH with an absolute path


def find_places(sources: Mapping[str, str], folder: str | None, given: list[str]) -> dict[str, str]:
    """The paths of the sources that exist: as given, else in the data folder.

    Args:
        sources: name -> [READER=]PATH of the file, the path relative to the folder.
        folder: data folder; None: that of FER_DATA, if set.
        given: NAME=PATH, from the command line.

    Raises:
        InputError: for an unknown name, or a given path that does not exist.
    """
    found = {}
    root = folder or os.environ.get("FER_DATA")
    if folder and not absolute_path(folder).is_dir():
        raise InputError(
            f"--data: the folder {absolute_path(folder)} does not exist. Give the folder with the sources."
        )
    for name, source in sources.items():
        reader, path = split_source(source)
        if root and (whole := absolute_path(root) / path).exists():
            found[name] = f"{reader}{whole}"
    for text in given:
        name, _, path = text.partition("=")
        if name not in sources or not path:
            raise InputError(
                f"--source {text}: expected NAME=PATH with one of the names {', '.join(sources)}. Correct it."
            )
        if not absolute_path(path).exists():
            raise InputError(f"--source {text}: {absolute_path(path)} does not exist. Correct the path.")
        found[name] = f"{split_source(sources[name])[0]}{absolute_path(path)}"
    return found


def split_source(source: str) -> tuple[str, str]:
    """("READER=", PATH) of [READER=]PATH; the first is empty where there is none."""
    reader, equals, path = source.partition("=")
    return (f"{reader}=", path) if equals else ("", source)
