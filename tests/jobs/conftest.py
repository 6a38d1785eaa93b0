import pytest

from fer_core.jobs import folder as folder_module
from fer_core.jobs.folder import JobFolder


@pytest.fixture
def job(tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    return JobFolder(folder)


@pytest.fixture
def no_process(monkeypatch):
    """A start leaves the work to be begun by the test; returns the commands."""
    commands = []
    monkeypatch.setattr(folder_module, "leave_detached", lambda command, log: commands.append(command))
    return commands
