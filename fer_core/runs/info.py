"""`run.json`, `kfold.json` and the lines of `metrics.jsonl`, as models."""

import json
from functools import lru_cache
from pathlib import Path

from pydantic import Field, ValidationError

from fer_core.base.documents import Document, explain
from fer_core.base.fields import Count
from fer_core.base.files import UnreadableError, read_text, stat_document


class Member(Document):
    """One network of an ensemble; `weight` is its weight in the mean."""

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
    """`run.json`: the identity and origin of a run.

    Attributes:
        run_id: the folder's name.
        created: ISO 8601; "" if unknown.
        git_commit: commit of the code; None outside a clone.
        python: version of Python.
        versions: package -> version.
        command: the command that started it, shown to users.
        kind: "ensemble", or "" for a network that was trained.
        kfold: its cross-validation, if any.
        search: its search, if any.
        trial: its number in the search.
        results_row: row of the table of results that it was made for, if any.
        device: the device in whose queue it is.
        dataset: the data set's name.
        dataset_fingerprint: fingerprint of the data set.
        drawn: whether the faces are drawn.
        absent_in_training: expressions without training faces; None if not recorded.
        trains_on: digest of the faces, labels and votes that it is trained on; None if not recorded.
        comes_from: full ids of the runs in its config's init and teacher; None if names were stored as typed.
        members: members of an ensemble.
        candidates: runs that an ensemble was chosen from.
        selection: how it was chosen, step by step.
        gpu_pack: the pack with which it was trained on another machine, if any.
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
    """`kfold.json`: one cross-validation; `n` counts its train and val faces, `run_ids` are its runs fold by fold."""

    title: str
    dataset: str
    folds: Count
    n: Count
    command: str = ""
    run_ids: tuple[str, ...]


class EpochLine(Document):
    """One epoch in `metrics.jsonl`; `fer_core.runs.metrics_file` describes how the pairs of numbers are measured.

    Attributes:
        kind: "epoch".
        step: optimizer steps done.
        epoch: epochs done.
        train_loss: mean over the epoch's steps, on augmented faces.
        train_accuracy: likewise.
        train_clean_loss: on training faces without augmentation; None for runs of versions that did not measure it.
        train_clean_accuracy: likewise.
        val_loss: on validation faces.
        val_accuracy: likewise.
        val_macro_f1: likewise.
        learning_rate: at the end of the epoch.
        time: when it was written, seconds since 1970.
    """

    kind: str = "epoch"
    step: Count = 0
    epoch: Count
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
        n_steps: total steps of the run.
        epoch: the current one, from 1.
        train_loss: of the last step.
        train_accuracy: likewise.
        images_per_s: faces per second.
        eta_s: estimated seconds left.
        time: when it was written, seconds since 1970.
    """

    kind: str = "progress"
    step: Count
    n_steps: Count
    epoch: Count = 0
    train_loss: float | None = None
    train_accuracy: float | None = None
    images_per_s: float = 0.0
    eta_s: float | None = None
    time: float = 0.0


MetricsLine = EpochLine | ProgressLine


def read_metrics(path: Path) -> list[MetricsLine]:
    """The complete lines of a `metrics.jsonl`; empty if there is no such file.

    Raises:
        UnreadableError: for a line that is neither an epoch nor progress; the message has its number.
    """
    stat = stat_document(path)
    if stat is None:
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
