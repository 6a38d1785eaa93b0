"""Every test has a workspace of its own; no test writes elsewhere."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty workspace folder, which need not exist yet."""
    monkeypatch.setenv("FER_HOME", str(tmp_path / "workspace"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # of the processes that tests start
    return tmp_path / "workspace"
