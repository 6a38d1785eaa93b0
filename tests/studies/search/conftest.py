from pathlib import Path

import pytest

from tests.helpers.samples import make_dataset


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path) -> None:
    make_dataset(tmp_path)


@pytest.fixture
def no_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches are left to be worked on by the test."""
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)
