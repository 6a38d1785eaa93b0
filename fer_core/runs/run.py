"""A run is a folder, however it was started; everything about it is read from there. No torch here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.base.documents import read_model
from fer_core.base.files import UnreadableError, read_document
from fer_core.base.project import ROOT
from fer_core.base.unreadable import find_problem
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.jobs.folder import JobFolder
from fer_core.jobs.marks import read_mark
from fer_core.jobs.state import Ending, State
from fer_core.runs.config import TrainConfig, read_config
from fer_core.runs.info import EpochLine, Member, MetricsLine, ProgressLine, RunInfo, read_metrics
from fer_core.runs.poll import SlurmJob, ask_slurm
from fer_core.runs.report import SplitReport, read_report

if TYPE_CHECKING:
    from fer_core.datasets.dataset import Dataset
    from fer_core.models.heads import Head
    from fer_core.runs.predictions import Predictions


BUNDLED_ID = "bundled"
PINNED = "comes_from"  # in run.json: the whole ids of the runs in its config's init and teacher
_READ = (
    "run.json",
    "config.json",
    "exit.json",
    "stop.json",
    "queued.json",
    "slurm.json",
    "report.json",
    "metrics.jsonl",
)
BUNDLED = ROOT / "fer_core" / "models" / BUNDLED_ID


@dataclass(frozen=True)
class Run:
    """One training run or ensemble, read from its folder.

    Attributes:
        path: the folder.

    Example:
        >>> run = fer.open_run("bundled")
        >>> run.state.value, run.config.model
        ('finished', 'compact')
        >>> round(run.report["test"].accuracy_without_copies, 3)
        0.701
    """

    path: Path

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def is_bundled(self) -> bool:
        """Whether it is the bundled network."""
        return self.path == BUNDLED

    @property
    def info(self) -> RunInfo:
        """`run.json`: identity, command, versions, device, data-set fingerprint."""
        return read_model(self.path / "run.json", RunInfo)

    @property
    def config(self) -> TrainConfig:
        """`config.json`, validated."""
        path = self.path / "config.json"
        try:
            document = read_document(path, "model", "dataset")  # a newer version's fields are not known here
            return read_config({name: value for name, value in document.items() if name in TrainConfig.model_fields})
        except UnreadableError:
            raise
        except InputError as error:
            raise UnreadableError(path, f"it is not a run's config ({str(error).split('. ')[0]})") from error

    @property
    def title(self) -> str:
        """Its name, or that of the model, with the fold it leaves out, if any."""
        config = read_document(self.path / "config.json", "model")
        name = config.get("name") or config["model"]
        return f"{name}, fold {config['fold'] + 1} of {config['folds']}" if config.get("folds") else name

    @property
    def members(self) -> tuple[Member, ...]:
        """The members of an ensemble; empty for a trained network."""
        return self.info.members

    @property
    def model(self) -> str:
        """The architecture's name, or the number of networks of an ensemble."""
        return f"ensemble of {len(self.members)}" if self.members else self.config.model

    @property
    def device(self) -> str:
        """The device in whose queue the run is."""
        return self.info.device

    @property
    def best_weights(self) -> Path:
        """The weights file of the best epoch; it exists after the first epoch."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def last_checkpoint(self) -> Path:
        """The checkpoint for resuming."""
        return self.path / "checkpoints" / "last.pt"

    @property
    def job(self) -> JobFolder:
        """The trainer's job folder."""
        return JobFolder(self.path, partial(ask_slurm, self.slurm) if self.slurm else None)

    @property
    def state(self) -> State:
        """The state of its trainer."""
        return self.job.state

    @property
    def slurm(self) -> dict[str, Any] | None:
        """`slurm.json` ({options, job_id, uid, submitted}), or None for a run on this machine."""
        try:
            return read_model(self.path / "slurm.json", SlurmJob).to_document()
        except FileNotFoundError:
            return None

    @property
    def exit(self) -> Ending | None:
        """How it ended, or None while it has not."""
        return self.job.ending

    @property
    def why_stopped(self) -> str:
        """The reason for the request to stop; empty if there was none."""
        mark = read_mark(self.path / "stop.json")
        return mark.why if mark else ""

    @property
    def report(self) -> dict[str, SplitReport] | None:
        """`report.json`: the scores by split, or None before the run has finished.

        Earlier versions counted copies in the data set only. If the network also comes from other runs,
        that number is meaningless: it is None here, and `learned_note` says so.
        """
        report = read_report(self.path)
        if report is None or all(scores.says_what_was_learned for scores in report.values()):
            return report
        if not self._comes_from_others:
            return report
        note = (
            "These scores do not account for the faces that this network's parents were trained on. Score it "
            f"again: fer evaluate {self.run_id}"
        )
        return {split: scores.withhold_copies(note) for split, scores in report.items()}

    @property
    def _comes_from_others(self) -> bool:
        """Whether it started from, was taught by or averages other networks, as far as is known."""
        config = read_document(self.path / "config.json")
        if config.get("init", "").startswith(("run:", "file:")) or config.get("teacher"):
            return True
        members = [runs_dir() / member.run_id for member in self.members]
        return any(Run(path).problem is not None or Run(path)._comes_from_others for path in members)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the data set that it was created for."""
        return self.info.dataset_fingerprint

    def open_dataset(self) -> "Dataset":
        """The run's data set, with the run's split.

        Raises:
            InputError: if it does not exist, or has been assembled again with other faces, labels
                or splits.
        """
        from fer_core.runs.training_data import (
            open_training,  # pandas: half a second that the supervisor has no need of
        )

        dataset = open_training(self.config)
        now = dataset.info.fingerprint
        if now != self.fingerprint:
            raise InputError(
                f"{self.run_id} was made for the data set {dataset.name} with the fingerprint "
                f"{self.fingerprint[:16]}, but the data set was assembled again and now has {now[:16]}. Score the "
                f"run on it with fer evaluate {self.run_id} --save, train a new run on it, or assemble the "
                "earlier version again to continue this run."
            )
        return dataset

    def predictions(self, split: str, head: "Head" = "labels") -> "Predictions":
        """The network's predictions for each face of a held-out split at the end of the run.

        Args:
            split: "val" or "test".
            head: "labels" (predicts the label of the training data) or "people" (predicts the majority vote).

        Raises:
            InputError: if the run has not finished, or lacks that split or head.

        Example:
            >>> mistakes = fer.list_runs()[0].predictions("test").mistakes()
            >>> mistakes[["face_id", "expression", "predicted"]].head(0).columns.tolist()
            ['face_id', 'expression', 'predicted']
        """
        from fer_core.runs.predictions import read_answers  # pandas, as in open_dataset

        return read_answers(self.path, split, head, self.info)

    def metrics(self) -> list[MetricsLine]:
        """The complete lines of `metrics.jsonl`; the last may still be being written."""
        return read_metrics(self.path / "metrics.jsonl")

    def log_tail(self, n_lines: int = 40) -> str:
        """The end of `log.txt`."""
        path = self.path / "log.txt"
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64_000))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-n_lines:])

    @property
    def problem(self) -> InputError | None:
        """Why the run cannot be read, with the file and the next step; None if it can."""
        return find_problem([self.path / name for name in _READ], self._read_all)

    def _read_all(self) -> None:
        """Reads the files that lists and pages need; predictions and weights are read only where they are used."""
        assert self.info and self.config
        for name in ("stop.json", "queued.json"):
            read_mark(self.path / name)
        read_report(self.path), self.exit, self.slurm, self.metrics()


def split_metrics(lines: Sequence[MetricsLine]) -> tuple[list[EpochLine], ProgressLine | None]:
    """The epoch lines, and the latest progress line or None."""
    epochs = [line for line in lines if isinstance(line, EpochLine)]
    progress = [line for line in lines if isinstance(line, ProgressLine)]
    return epochs, progress[-1] if progress else None


def find_best(epochs: Sequence[EpochLine]) -> int:
    """The position of the epoch whose weights a run keeps: highest val_accuracy, then lowest val_loss, then first."""
    return max(range(len(epochs)), key=lambda i: (epochs[i].val_accuracy, -epochs[i].val_loss))


def is_run(path: Path) -> bool:
    """Whether the folder is a run: it has both files that identify one."""
    return all((path / name).is_file() for name in ("run.json", "config.json"))
