from pathlib import Path

import pytest

from fer_core.studies.search.searches import Search, start_search
from tests.helpers.samples import make_dataset

BASE = {
    "dataset": "tiny", "model": "compact_small", "input_px": 24, "epochs": 3, "batch_size": 4, "threads": 1,
    "precision": "float32", "device": "cpu",
}  # fmt: skip
RANGES = ["learning_rate=0.001..0.1:log", "optimizer=sgd|adamw"]


@pytest.fixture(autouse=True)
def tiny(tmp_path: Path) -> None:
    make_dataset(tmp_path)


@pytest.fixture
def no_coordinator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Searches are left to be worked on by the test."""
    monkeypatch.setattr("fer_core.jobs.folder.leave_detached", lambda command, log: None)


def new_search(
    name: str = "lr", n_trials: int = 3, ranges: list[str] = RANGES, parallel: int = 1, on_slurm=None, **base
) -> Search:
    return start_search(name, {**BASE, **base}, ranges, n_trials, 0, "test", parallel, on_slurm)
