"""`run.json`, `kfold.json` and the lines of `metrics.jsonl`, as models."""

import json
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError

from fer_core.base.documents import Document, explain
from fer_core.base.files import UnreadableError, read_text


class Member(Document):
    """One network of an ensemble; `weight` is how often it counts in the mean."""

    run_id: str
    title: str = ""
    model: str = ""
    weight: int = 1


class SelectedMember(Document):
    """One step of a greedy selection: the run that was added, and the scores of the mean from then on."""

    run_id: str
    val_accuracy: float | None = None
    val_nll: float | None = None


class RunInfo(Document):
    """`run.json`: what a run is and where it comes from.

    Attributes:
        run_id: the folder's name.
        created: ISO 8601; "" where it is not known.
        git_commit: of the code; None outside a clone.
        python: its version.
        versions: package -> version.
        command: that started it, for people.
        kind: "ensemble", or "" for a network that was trained.
        kfold: the cross-validation that it belongs to, if any.
        search: the search that it belongs to, if any.
        trial: its number in the search.
        results_row: of the table of results that it was made for, if any.
        device: in whose queue it stands.
        dataset: the data set's name.
        dataset_fingerprint: of that data set.
        drawn: True where its faces are drawn.
        absent_in_training: expressions without a training face; None where that was not kept.
        trains_on: digest of the faces, labels and votes that it learns from; None where that was not kept.
        comes_from: whole ids of the runs in its config's init and teacher; None where names were kept as typed.
        members: of an ensemble.
        candidates: runs that an ensemble was chosen from.
        selection: how it was chosen, step by step.
        gpu_pack: the pack in whose order it trained on another machine, if any.
    """

    run_id: str = ""
    created: str = ""
    git_commit: str | None = None
    python: str = ""
    versions: dict[str, str | None] = Field(default_factory=dict)
    command: str = ""
    kind: str = ""
    kfold: str | None = None
    search: str | None = None
    trial: int | None = None
    results_row: str | None = None
    device: str
    dataset: str
    dataset_fingerprint: str
    drawn: bool = False
    absent_in_training: tuple[str, ...] | None = None
    trains_on: str | None = None
    comes_from: tuple[str, ...] | None = None
    members: tuple[Member, ...] = ()
    candidates: tuple[str, ...] = ()
    selection: tuple[SelectedMember, ...] = ()
    gpu_pack: str | None = None


class GroupInfo(Document):
    """`kfold.json`: one cross-validation; `n` are its train and val faces, `run_ids` its runs fold by fold."""

    title: str
    dataset: str
    folds: int
    n: int
    command: str = ""
    run_ids: tuple[str, ...]


class EpochLine(Document):
    """One epoch in `metrics.jsonl`; see `fer_core.runs.metrics_file` for what the pairs of numbers are measured on.

    Attributes:
        kind: "epoch".
        step: optimizer steps done.
        epoch: epochs done.
        train_loss: mean over the epoch's steps, on augmented faces.
        train_accuracy: likewise.
        train_clean_loss: on training faces as they are; None for a run of a version that did not measure it.
        train_clean_accuracy: likewise.
        val_loss: on validation faces.
        val_accuracy: likewise.
        val_macro_f1: likewise.
        learning_rate: at the end of the epoch.
        time: when it was written, seconds since 1970.
    """

    kind: str = "epoch"
    step: int = 0
    epoch: int
    train_loss: float | None = None
    train_accuracy: float | None = None
    train_clean_loss: float | None = None
    train_clean_accuracy: float | None = None
    val_loss: float
    val_accuracy: float
    val_macro_f1: float | None = None
    learning_rate: float | None = None
    time: float = 0.0


class ProgressLine(Document):
    """Progress inside an epoch in `metrics.jsonl`.

    Attributes:
        kind: "progress".
        step: optimizer steps done, over all epochs.
        n_steps: of the whole training.
        epoch: the one at work, from 1.
        train_loss: of the last step.
        train_accuracy: likewise.
        images_per_s: faces a second.
        eta_s: seconds that the training may still take.
        time: when it was written, seconds since 1970.
    """

    kind: str = "progress"
    step: int
    n_steps: int
    epoch: int = 0
    train_loss: float | None = None
    train_accuracy: float | None = None
    images_per_s: float = 0.0
    eta_s: float | None = None
    time: float = 0.0


MetricsLine = EpochLine | ProgressLine


def read_metrics(path: Path) -> list[MetricsLine]:
    """The whole lines of a `metrics.jsonl`; none where there is no such file.

    Raises:
        UnreadableError: for a line that is neither an epoch nor progress, with its number.
    """
    try:
        stat = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return []
    return list(_read_metrics(path, stat.st_mtime_ns, stat.st_size))


@lru_cache(maxsize=256)  # lists of runs read each file anew with every page
def _read_metrics(path: Path, mtime_ns: int, n_bytes: int) -> tuple[MetricsLine, ...]:
    lines = read_text(path).split("\n")
    return tuple(_parse_line(line, path, n) for n, line in enumerate(lines[:-1], start=1) if line)


def _parse_line(text: str, path: Path, number: int) -> MetricsLine:
    try:  # the fast way, for what this project writes
        return (EpochLine if '"kind": "epoch"' in text else ProgressLine).model_validate_json(text)
    except ValidationError:
        pass
    try:
        document = json.loads(text)
        kind = EpochLine if isinstance(document, dict) and document.get("kind") == "epoch" else ProgressLine
        return kind.model_validate(document)
    except (ValidationError, RecursionError) as error:
        raise UnreadableError(path, f"line {number}: {explain(error)}") from error
    except ValueError as error:
        raise UnreadableError(path, f"line {number} is not valid JSON ({error})") from error
