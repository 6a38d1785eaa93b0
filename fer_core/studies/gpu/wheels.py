"""Python packages that the borrowed machine lacks, as wheels: downloaded when packing, unzipped there."""

import hashlib
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from fer_core.base.project import ROOT
from fer_core.errors import InputError

PACKAGES = ("pydantic",)  # that a machine with torch and timm has been seen without
PYTHON = "3.12"
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
_REQUIREMENTS = ROOT / "requirements.txt"


@dataclass(frozen=True)
class Wheel:
    """A wheel's file name, its size in bytes and its sha256."""

    name: str
    n_bytes: int
    sha256: str


def fetch_wheels(packages: tuple[str, ...], folder: Path, python: str = PYTHON) -> None:
    """Downloads wheels of the packages, in the versions of requirements.txt, and of their dependencies.

    Args:
        packages: names.
        folder: destination.
        python: Python version of the wheels.

    Raises:
        InputError: if pip fails, with its last line.
    """
    pinned = {
        line.partition("==")[0]: line.strip()
        for line in _REQUIREMENTS.read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    }
    platforms = [part for platform in _PLATFORMS for part in ("--platform", platform)]
    command = [
        sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--only-binary=:all:",
        "--implementation", "cp", "--python-version", python, *platforms, "--dest", str(folder),
        *(pinned.get(name, name) for name in packages),
    ]  # fmt: skip
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        said = (answer.stderr.strip().splitlines() or [f"pip ended with code {answer.returncode}"])[-1]
        raise InputError(
            f"The wheels of {', '.join(packages)} for Python {python} could not be downloaded: {said.rstrip('.')}"
            f". {_advise(answer.stderr)}, or give a folder with them: --wheels FOLDER."
        )


def _advise(said: str) -> str:
    """The next step after pip's failure; without network access pip also reports a missing version."""
    if "No module named pip" in said:
        return "Install pip here (python -m ensurepip)"
    if re.search(r"connect|retrying|resolution|proxy|timed out|unreachable", said, re.IGNORECASE):
        return "Connect to the network"
    return "Correct --package or --python"


def list_wheels(folder: Path, python: str = PYTHON) -> list[Wheel]:
    """The wheels of a folder, by name.

    Args:
        folder: folder of the wheels.
        python: Python version of the wheels, such as 3.12, on Linux x86-64.

    Raises:
        InputError: if there is none, or one is for another platform.
    """
    if not folder.is_dir():
        raise InputError(f"--wheels: the folder {folder} does not exist. Give the folder with the wheels.")
    paths = sorted(folder.glob("*.whl"))
    if not paths:
        raise InputError(f"--wheels: {folder} contains no wheels. Fetch them with pip download.")
    for path in paths:
        if not _fits(path.stem, python):
            raise InputError(
                f"--wheels: {path.name} is not for Python {python} on Linux x86-64. Fetch it with pip download "
                f"--python-version {python} --platform {_PLATFORMS[1]} --only-binary=:all:."
            )
    return [Wheel(path.name, path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()) for path in paths]


def _fits(name: str, python: str) -> bool:
    """Whether a wheel's tags (its name without .whl) fit that Python version on Linux x86-64."""
    tags, abi, platform = name.split("-")[-3:] if name.count("-") >= 4 else ("", "", "")
    mine = f"cp{python.replace('.', '')}"
    is_for_python = "py3" in tags.split(".") or abi == "abi3" or mine in (tags, abi)
    return is_for_python and (platform == "any" or ("linux" in platform and platform.endswith("x86_64")))
