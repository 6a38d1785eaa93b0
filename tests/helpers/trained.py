"""Finished runs without the wait: each training is done once a session and copied for every test that begins with it.

For tests of what a finished run is used for. What a training itself does is tested on trainings of the test's own.
"""

import hashlib
import json
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory

from fer_core.base.workspace import datasets_dir
from fer_core.runs.run import Run
from fer_core.training.process import train_run
from fer_core.training.trainer import Stopped

_SHELF = TemporaryDirectory(prefix="fer-trained-")  # goes with the process
_OWN = ("run.json", "config.json")  # written when a run is created, and naming it


class Stop:
    """Asks the training to stop when it has been looked at `after` times; never when that is None."""

    def __init__(self, after: int | None = None) -> None:
        self.left = after

    def check(self) -> None:
        """Raises Stopped when it is time."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Stopped


def finish(run: Run) -> Run:
    """The run as its training leaves it: trained, or filled from one with the same choices on the same faces."""
    kept = Path(_SHELF.name) / _key(run)
    if kept.is_dir():
        copytree(kept, run.path, dirs_exist_ok=True)
        return run
    train_run(run, Stop())
    if run.state == "finished":
        copytree(run.path, kept, ignore=ignore_patterns(*_OWN))
    return run


def _key(run: Run) -> str:
    config = run.config.model_dump(mode="json") | {"name": None}
    folder = datasets_dir() / run.config.dataset
    digest = hashlib.sha256(json.dumps([config, run.device], sort_keys=True).encode())
    for name in ("faces.parquet", "faces.npy"):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()
