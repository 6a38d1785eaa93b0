"""docs/architecture.md: its drawings agree with the contracts, and its paths exist."""

import re
import tomllib

import pytest

from tests.helpers.project import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
PATHS = sorted(set(re.findall(r"`((?:fer_core|dashboard|pages)/[^` ]*)`", PAGE)))


def find_floors(container: str) -> list[set[str]]:
    """The layers of a package as the contract has them, the lowest first."""
    layers = next(contract["layers"] for contract in CONTRACTS if contract.get("containers") == [container])
    return [set(re.findall(r"\w+", layer)) for layer in reversed(layers)]


def test_the_drawing_has_the_floors_of_the_contract():
    drawn = [set(re.findall(r"<b>(\w+)</b>", line)) for line in re.findall(r"^    F\d+\[.*$", PAGE, re.MULTILINE)]
    assert drawn == find_floors("fer_core")


def test_the_drawing_has_the_floors_of_the_dashboard():
    drawn = [set(re.findall(r"\w+", found)) for found in re.findall(r"D\d\[\"<b>([^<]*)</b>", PAGE)]
    assert drawn[:-1] == find_floors("dashboard")[:-1]  # above the pages' folders, app in the contract, pages here


def test_every_folder_of_the_engine_is_in_the_table():
    folders = {path.name for path in (ROOT / "fer_core").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(re.findall(r"^\| `fer_core/(\w+)/` \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_on_the_page_exists(path):
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file()
