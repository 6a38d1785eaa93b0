"""The project's structure: CONTRIBUTING's paths, and the figures of `make house`."""

import re

import pytest

from tests.helpers.project import ROOT
from tests.house import measure_house

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:fer_core|dashboard|pages|tests|docs)/[^` ]*)`", GUIDE)))


def test_the_guide_names_places():
    assert len(PATHS) > 40


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_the_guide_names_exists(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()


def test_every_folder_of_the_code_stands_in_the_guide():
    folders = [path for path in (ROOT / "fer_core").iterdir() if path.is_dir() and path.name != "__pycache__"]
    assert not [path.name for path in folders if f"fer_core/{path.name}/" not in GUIDE]


@pytest.mark.parametrize("name", re.findall(r"`([A-Za-z_]+)` in `([^`]+\.py)`", GUIDE), ids=lambda pair: pair[0])
def test_every_name_that_the_guide_gives_is_in_its_file(name):
    word, path = name
    assert re.search(rf"\b{word}\b", (ROOT / path).read_text(encoding="utf-8"))


def test_the_structure_stays_within_its_limits():
    over = [str(figure) for figure in measure_house() if figure.value > figure.limit]
    assert not over, "\n".join(over)
