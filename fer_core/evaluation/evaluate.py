"""Scores a finished run on any split of any data set, or on the current version of its own data set."""

from collections.abc import Callable
from itertools import count
from typing import get_args

from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.errors import InputError
from fer_core.evaluation.report import (
    get_labels,
    join_heads,
    predict_held_out,
    predict_split,
    score_predictions,
    write_scores,
)
from fer_core.inference.logits import BATCH
from fer_core.models.checkpoints import read_folded
from fer_core.models.heads import HEADS, Head
from fer_core.models.network import Classifier, Ensemble, ask, look_at
from fer_core.models.preprocess import Views
from fer_core.runs.absent import describe_absent, find_trained_without
from fer_core.runs.config import TrainConfig
from fer_core.runs.evaluations import evaluation_folder
from fer_core.runs.origins.lineage import find_learned
from fer_core.runs.report import Evaluation, SplitReport
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights
from fer_core.runs.training_data import open_training


def evaluate_run(
    run: Run, split: str, dataset_name: str | None = None, head: Head = "labels", views: Views | None = None
) -> Evaluation:
    """Scores a run's best weights on a split of the current version of its data set, or of another one.

    Args:
        run: the run to score.
        split: train, val, test, or all of them.
        dataset_name: None: the run's own.
        head: the head to use.
        views: averaged views of each face; None: those of the run, for which its calibration was fitted.

    Raises:
        InputError: if the split has no faces, or the run no weights yet.

    Example:
        >>> scores = fer.evaluate(fer.open_run("bundled"), "test", "demo")
        >>> scores.n
        42
    """
    own = run.config
    dataset = open_dataset(dataset_name) if dataset_name and dataset_name != own.dataset else open_training(own)
    if split not in ("train", "val", "test", "all"):
        raise InputError(f"Unknown split {split!r}: choose train, val, test or all.")
    for what, chosen, known in (("head", head, HEADS), ("views", views, (None, *get_args(Views)))):
        if chosen not in known:
            raise InputError(f"Unknown {what} {chosen!r}: choose one of {', '.join(filter(None, known))}.")
    if split != "all" and not len(dataset.rows(split)):
        raise InputError(f"{dataset.name} has no {split} faces. Choose another split.")
    network = ask(read_folded(require_weights(run)), head)
    if views:
        network = look_at(network, views)
    learned = find_learned(run)
    predictions = predict_split(network, dataset, split, learned)
    about = {"run_id": run.run_id, "dataset": dataset.name, "dataset_fingerprint": dataset.info.fingerprint}
    absent = describe_absent(find_trained_without([run]), get_labels(predictions))
    scores = score_predictions(predictions, learned.note, head, _own_config(run, dataset))
    return Evaluation.model_validate({**about, "split": split, **scores.to_fields(), **absent})


def rescore_run(run: Run, progress: Callable[[int, int], None] = lambda done, total: None) -> dict[str, SplitReport]:
    """Scores the validation and test faces of the current version of a run's data set; returns the report by split.

    Report and predictions are stored in a separate folder (`fer_core.runs.evaluations`); those of the run are kept.

    Args:
        run: a run whose data set was assembled again.
        progress: called with batches done and batches in total.

    Raises:
        InputError: if this version of the data set was already scored, or the run has no weights.
    """
    dataset = open_training(run.config)
    if run.is_bundled or dataset.info.fingerprint == run.fingerprint:
        raise InputError(f"{run.run_id} already has scores on {dataset.name}. See fer runs show {run.run_id}.")
    network, learned = read_folded(require_weights(run)), find_learned(run)
    n_faces = [len(dataset.rows(split)) for split in ("val", "test")]
    if not any(n_faces):
        raise InputError(f"{dataset.name} has no validation and no test faces. Assemble it with another split.")
    total = sum(-(-n // BATCH) for n in n_faces) * _count_networks(network)
    done = count()
    trained_without = find_trained_without([run])
    predictions = predict_held_out(network, dataset, learned, on_batch=lambda: progress(next(done), total))
    report = {}
    for split, table in predictions.groupby("split", sort=False):
        each = {head: score_predictions(table, learned.note, head, _own_config(run, dataset)) for head in network.heads}
        report[str(split)] = join_heads(each, describe_absent(trained_without, get_labels(table)))
    folder = evaluation_folder(run, dataset.info.fingerprint)
    folder.mkdir(parents=True, exist_ok=True)
    write_scores(folder, predictions, report)
    return report


def _own_config(run: Run, dataset: Dataset) -> TrainConfig | None:
    """The run's config; None for an ensemble, and for another data set, whose sources are unrelated."""
    return None if run.members or dataset.info.fingerprint != run.fingerprint else run.config


def _count_networks(network: Classifier) -> int:
    return sum(map(_count_networks, network.members)) if isinstance(network, Ensemble) else 1
