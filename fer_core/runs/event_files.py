"""Writes a run's epochs as TensorBoard event files."""

import shutil
from pathlib import Path

from fer_core.base.extras import need_extra
from fer_core.runs.info import EpochLine

# Name in metrics.jsonl -> tag, whose first part makes the chart: training and validation lie over one another.
TAGS = {
    "train_loss": "loss/train",
    "val_loss": "loss/val",
    "train_accuracy": "accuracy/train",
    "val_accuracy": "accuracy/val",
    "val_macro_f1": "macro_f1/val",
    "learning_rate": "learning_rate",
}


class EventFiles:
    """Rewrites a folder of event files from the epochs so far, then adds later epochs.

    Args:
        folder: deleted first, so that no epoch is in it twice after a resume.
        epochs: epoch lines of metrics.jsonl.

    Raises:
        InputError: if the package is missing.
    """

    def __init__(self, folder: Path, epochs: list[EpochLine]) -> None:
        need_extra("tensorboard", "tensorboard: an event file")
        from tensorboardX import SummaryWriter  # imports torch

        shutil.rmtree(folder, ignore_errors=True)
        self.writer = SummaryWriter(str(folder))
        for line in epochs:
            self.write(line)

    def write(self, line: EpochLine) -> None:
        """Writes one epoch and flushes it to disk."""
        for name, tag in TAGS.items():
            if (value := getattr(line, name)) is not None:
                self.writer.add_scalar(tag, value, line.epoch, walltime=line.time)
        self.writer.flush()

    def close(self) -> None:
        """Closes the file."""
        self.writer.close()
