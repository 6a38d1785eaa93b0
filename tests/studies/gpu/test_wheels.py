import subprocess

import pytest

from fer_core.errors import InputError
from fer_core.studies.gpu.wheels import fetch_wheels, list_wheels


@pytest.mark.parametrize(
    "name",
    [
        "a-1.0-py3-none-any.whl",
        "a-1.0-py2.py3-none-any.whl",
        "a-1.0-cp312-cp312-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "a-1.0-cp39-abi3-manylinux_2_28_x86_64.whl",
    ],
)
def test_wheels_for_the_machine_are_listed_with_size_and_digest(tmp_path, name):
    (tmp_path / name).write_bytes(b"abc")
    (wheel,) = list_wheels(tmp_path)
    assert (wheel.name, wheel.n_bytes, wheel.sha256[:8]) == (name, 3, "ba7816bf")


@pytest.mark.parametrize(
    "name",
    ["a-1.0-cp311-cp311-manylinux2014_x86_64.whl", "a-1.0-cp312-cp312-macosx_11_0_arm64.whl", "a.whl",
     "a-1.0-cp312-cp312-manylinux2014_aarch64.whl", "a-1.0-py2-none-any.whl"],
)  # fmt: skip
def test_wheels_for_another_machine_are_refused(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"is not for Python 3\.12 on Linux x86-64"):
        list_wheels(tmp_path)


def test_a_folder_without_wheels_is_refused(tmp_path):
    with pytest.raises(InputError, match="contains no wheels"):
        list_wheels(tmp_path)


def test_the_version_of_requirements_is_fetched_for_the_machines_python_and_a_failure_told(tmp_path, monkeypatch):
    commands = []

    def fail(command, **_):
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution.\n")

    monkeypatch.setattr(subprocess, "run", fail)
    with pytest.raises(InputError, match=r"could not be downloaded: ERROR: No matching distribution\. Connect"):
        fetch_wheels(("pydantic", "unpinned"), tmp_path, "3.12")
    assert commands[0][commands[0].index("--python-version") + 1] == "3.12"
    assert commands[0][-2].startswith("pydantic==") and commands[0][-1] == "unpinned"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("ERROR: No matching distribution found for pydanic", "Correct --package or --python"),
        ("WARNING: Retrying (Retry(total=0)) after connection broken\nERROR: No matching", "Connect to the network"),
        ("/usr/bin/python: No module named pip", "Install pip here"),
    ],
)
def test_what_pip_says_decides_what_is_advised(tmp_path, monkeypatch, said, advice):
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", said))
    with pytest.raises(InputError, match=advice):
        fetch_wheels(("pydanic",), tmp_path)
