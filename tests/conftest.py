"""Every test has a workspace of its own; no test writes elsewhere."""

import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported: the workers of xdist share the cores


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace folder, which need not exist yet."""
    monkeypatch.setenv("FER_HOME", str(tmp_path / "workspace"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # of the processes that tests start
    return tmp_path / "workspace"


@pytest.fixture(scope="session", autouse=True)
def packages_are_searched_once() -> Iterator[None]:
    """AppTest reads the metadata of every installed package, in search of components, for each page that it opens."""
    if "streamlit.testing.v1" not in sys.modules:
        yield
        return
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        found = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield
