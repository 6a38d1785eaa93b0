"""Data sets without the wait: each is assembled once a session and copied into the workspace of every other test."""

import time
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from unittest.mock import patch

from fer_core.base.files import read_json
from fer_core.base.workspace import corrections_dir, datasets_dir
from fer_core.datasets.assembling.assemble import assemble
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.dataset import Dataset, open_dataset

_SHELF = TemporaryDirectory(prefix="fer-assembled-")  # goes with the process
_TEXTS = ("dataset.json", "CARD.md")  # which name the place of the source and the time


def copy_assembled(key: str, name: str, source: Path, write: Callable[[Path], Path]) -> Dataset:
    """The data set `name` of a FER2013 file, as assembling leaves it: with its source, its place and its time.

    Args:
        key: of the source's content; the same for the same faces alone.
        name: of the data set.
        source: the folder of its source. Where it exists, and in a workspace that holds data sets or corrections, or
            what a killed assembly left, the data set is assembled in earnest.
        write: writes the source into the folder it is given, and returns the file.
    """
    if datasets_dir().exists() or corrections_dir().exists() or source.exists():
        return _assemble(name, write(source))
    shelf = Path(_SHELF.name) / key
    if not shelf.is_dir():
        with patch.dict("os.environ", FER_HOME=str(shelf)):
            _assemble(name, write(shelf / source.name))
    copytree(shelf / source.name, source)
    place = datasets_dir() / name
    copytree(shelf / "datasets" / name, place)
    made = read_json(place / "dataset.json")["made"]
    now = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    for text in (place / each for each in _TEXTS):
        text.write_text(text.read_text().replace(str(shelf / source.name), str(source)).replace(made, now))
    return open_dataset(name)


def _assemble(name: str, csv: Path) -> Dataset:
    return assemble(DatasetRecipe(name, sources=(("fer2013", str(csv)),)))
