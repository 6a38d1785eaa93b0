"""`metrics.jsonl`: one line per epoch, with progress lines in between that give the time left.

An epoch's line has three pairs of loss and accuracy. `train_`: of the steps, while the weights change, on augmented
and mixed faces, against smoothed or soft targets. `train_clean_` and `val_`: of the weights at the end of the epoch
(or of their moving average), without augmentation, as cross-entropy against the label; so their difference
shows how much better the network fits its training faces than others.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from fer_core.base.files import write_atomic
from fer_core.runs.event_files import EventFiles
from fer_core.runs.info import EpochLine

_EVERY_S = 1.0


class Metrics:
    """Appends lines to a run's metrics.jsonl.

    Args:
        path: the file; None to write nothing.
        n_steps: total steps of the run.
        kept_steps: lines of later steps are removed first: they belong to work lost in a crash.
        tensorboard: also write the epochs to TensorBoard event files.
    """

    def __init__(self, path: Path | None, n_steps: int, kept_steps: int, tensorboard: bool = False) -> None:
        kept: list[str] = []
        if path and path.exists():
            lines = [line for line in path.read_text(encoding="utf-8").split("\n")[:-1] if line]
            kept = [line for line in lines if json.loads(line)["step"] <= kept_steps]
            write_atomic(path, lambda t: t.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8"))
        self.events = None
        if path and tensorboard:
            epochs = [EpochLine.model_validate(line) for line in map(json.loads, kept) if line["kind"] == "epoch"]
            self.events = EventFiles(path.parent / "tensorboard", epochs)
        self.file = (path or Path(os.devnull)).open("a", encoding="utf-8")
        self.n_steps = n_steps
        self.started = self.written = time.perf_counter()
        self.first_step = kept_steps
        self.ever = False

    def due(self) -> bool:
        """Whether to write a progress line: at the first step, then once per second."""
        return not self.ever or time.perf_counter() - self.written >= _EVERY_S

    def write_progress(self, step: int, epoch: int, loss: float, accuracy: float, batch_size: int) -> None:
        """One line inside an epoch; `step` counts the steps done, over all epochs."""
        seconds = time.perf_counter() - self.started
        a_step = seconds / max(step - self.first_step, 1)
        self._write(
            kind="progress",
            step=step,
            n_steps=self.n_steps,
            epoch=epoch,
            train_loss=loss,
            train_accuracy=accuracy,
            images_per_s=batch_size / a_step,
            eta_s=a_step * (self.n_steps - step),
        )
        self.ever, self.written = True, time.perf_counter()

    def write_epoch(self, **values: Any) -> None:
        """One line at the end of an epoch."""
        line = self._write(kind="epoch", **values)
        if self.events:
            self.events.write(EpochLine.model_validate(line))

    def close(self) -> None:
        """Closes the file, or files."""
        self.file.close()
        if self.events:
            self.events.close()

    def _write(self, **values: Any) -> dict[str, object]:
        rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}
        line = {**rounded, "time": round(time.time(), 3)}
        self.file.write(json.dumps(line) + "\n")
        self.file.flush()
        return line
