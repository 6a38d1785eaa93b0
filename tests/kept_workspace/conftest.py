"""The kept workspace, unpacked, as a test's own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import streamlit as st
from filelock import FileLock

from tests.kept_workspace.asking import KEPT


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The kept files, to be copied."""
    folder = tmp_path_factory.mktemp("kept")
    with ZipFile(KEPT) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def at_work(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the kept files, its workspace this test's."""
    folder = tmp_path / "kept"
    shutil.copytree(unpacked, folder, copy_function=_copy)
    monkeypatch.setenv("FER_HOME", str(folder / "workspace"))
    st.cache_data.clear()
    st.cache_resource.clear()
    return folder


@pytest.fixture
def kept(at_work: Path) -> Iterator[Path]:
    """The same, where nothing begins to train: the queue has a keeper that never looks at it."""
    with FileLock(at_work / "workspace" / "runs" / ".supervisor-cpu.lock"):
        yield at_work


def _copy(source: str, target: str) -> None:
    """Large files are replaced and never written into: one copy does for all tests."""
    if source.endswith((".safetensors", ".pt", ".npy")):
        os.link(source, target)
    else:
        shutil.copyfile(source, target)
