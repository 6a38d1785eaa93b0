"""A network over faces: logits, then predictions and a report by split."""

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from fer_core.absent import describe_absent, find_trained_without
from fer_core.calibration import fit_temperature
from fer_core.checkpoints import Classifier, Ensemble, read_network, write_weights
from fer_core.data.dataset import Dataset, open_dataset, open_training
from fer_core.errors import InputError
from fer_core.evaluations import evaluation_folder
from fer_core.files import write_atomic, write_json
from fer_core.labels import EXPRESSIONS, INDEX, N_EXPRESSIONS
from fer_core.learned import Learned, mark_learned, note_weights
from fer_core.lineage import find_learned
from fer_core.metrics import mean_logits, score_with_copies, softmax
from fer_core.runs import Run
from fer_core.views import input_views

_BATCH = 256
LOGIT_COLUMNS = [f"logit_{expression}" for expression in EXPRESSIONS]


@torch.inference_mode()
def predict_logits(
    network: Classifier,
    faces: np.ndarray | torch.Tensor,
    device: str = "cpu",
    batch_size: int = _BATCH,
    dtype: torch.dtype = torch.float32,
    on_batch: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """(N, H, W) uint8 faces -> (N, 7) float32 logits.

    They are the logarithm of the mean probability over the network's views of a face, divided by its temperature.
    `on_batch` is called before each batch and may raise to stop.
    """
    if isinstance(network, Ensemble):
        each = [predict_logits(member, faces, device, batch_size, dtype, on_batch) for member in network.members]
        return mean_logits(each, network.weights) / np.float32(network.temperature)
    results = []
    with network.in_use:
        was_training = network.model.training
        network.model.eval()
        for start in range(0, len(faces), batch_size):
            on_batch()
            part = faces[start : start + batch_size]
            batch = torch.as_tensor(np.array(part) if isinstance(part, np.ndarray) else part).to(device)
            with torch.autocast(device.split(":")[0], dtype, enabled=dtype != torch.float32):
                views = list(input_views(batch, network.preprocessing))
                heads = network.model(torch.cat(views)).float()  # one pass: for a single face 1.5 times as fast as two
            log_probs = heads[:, :N_EXPRESSIONS].log_softmax(1).view(len(views), len(batch), -1)
            logits = torch.logsumexp(log_probs, 0) - math.log(len(views))
            results.append((logits / network.temperature).cpu().numpy())
        network.model.train(was_training)
    return np.concatenate(results) if results else np.empty((0, len(EXPRESSIONS)), np.float32)


def predict_split(
    network: Classifier,
    dataset: Dataset,
    split: str,
    learned: Learned,
    device: str = "cpu",
    on_batch: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """One row a face of the split, known by face_id and digest.

    Columns: face_id, digest (the first 16 digits of its sha256), split, expression, copy_in_train and
    near_copy_in_train (whether the network learned it, or a near copy of it; absent where that is not known), and
    LOGIT_COLUMNS.
    """
    rows = dataset.rows(split)
    logits = predict_logits(network, dataset.faces[rows], device, on_batch=on_batch)
    table = dataset.table[["face_id", "split", "expression"]].iloc[rows].reset_index(drop=True)
    table.insert(1, "digest", dataset.digests[rows])
    if learned.is_known:
        table["copy_in_train"], table["near_copy_in_train"] = mark_learned(dataset, rows, learned)
    table[LOGIT_COLUMNS] = logits
    return table


def score_predictions(predictions: pd.DataFrame, note: str | None) -> dict[str, Any]:
    """The scores of `predict_split`'s table, with those on faces that the network did not learn.

    Args:
        predictions: the table.
        note: what is not known of the faces that it learned (`Learned.note`); it goes into the document as it is.
    """
    probs = softmax(predictions[LOGIT_COLUMNS].to_numpy(np.float64))
    exact, near = (predictions.get(name) for name in ("copy_in_train", "near_copy_in_train"))
    marks = [None if mark is None else mark.to_numpy(bool) for mark in (exact, near)]
    return {**score_with_copies(probs, _labels(predictions), *marks), "learned_note": note}


def _labels(predictions: pd.DataFrame) -> np.ndarray:
    return predictions["expression"].map(INDEX).to_numpy(np.int64)


def predict_held_out(
    network: Classifier,
    dataset: Dataset,
    learned: Learned,
    device: str = "cpu",
    on_batch: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """`predict_split` of the validation faces and, where there are any, the test faces."""
    splits = [split for split in ("val", "test") if len(dataset.rows(split))]
    tables = [predict_split(network, dataset, split, learned, device, on_batch) for split in splits]
    return pd.concat(tables, ignore_index=True)


def write_report(
    run: Run,
    network: Classifier,
    dataset: Dataset,
    device: str,
    on_batch: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Predicts the held-out faces with the run's best weights, and writes what `write_calibrated` does."""
    raw = replace(network, temperature=1.0)
    learned = find_learned(run)
    predictions = predict_held_out(raw, dataset, learned, device, on_batch)
    return write_calibrated(run, network, predictions, learned.note, find_trained_without([run]))


def write_calibrated(
    run: Run, network: Classifier, predictions: pd.DataFrame, note: str | None, trained_without: list[str] | None
) -> dict[str, Any]:
    """Writes best.safetensors, predictions.parquet and report.json, all calibrated; returns the report.

    The temperature is fitted on the validation faces and stored with the weights. The report of each split says
    what the calibration error was before (`ece_before`), and which expressions have no face in training or in the split
    (`absent_in_training`, null where that is not known, and `absent_in_split`).

    Args:
        run: whose folder is written to.
        network: its weights.
        predictions: `predict_split`'s rows of the validation and, if there are any, the test faces, not yet calibrated.
        note: as `score_predictions` has it.
        trained_without: as `fer_core.absent.find_trained_without` has it.
    """
    held_out = predictions[predictions["split"] == "val"]
    temperature = fit_temperature(held_out[LOGIT_COLUMNS].to_numpy(), _labels(held_out))
    write_weights(run.best_weights, replace(network, temperature=temperature))
    note_weights(run.path, run.best_weights)
    scaled = predictions.copy()
    scaled[LOGIT_COLUMNS] /= temperature
    report = {}
    for split, table in scaled.groupby("split", sort=False):
        before = score_predictions(predictions.loc[table.index], note)["ece"]
        absent = describe_absent(trained_without, _labels(table))
        report[str(split)] = {
            **score_predictions(table, note), **absent, "ece_before": before, "temperature": temperature,
        }  # fmt: skip
    _write_scores(run.path, scaled, report)
    return report


def _write_scores(folder: Path, predictions: pd.DataFrame, report: dict[str, Any]) -> None:
    """The report last: where it is, the predictions are."""
    write_atomic(folder / "predictions.parquet", lambda temporary: predictions.to_parquet(temporary, index=False))
    write_json(folder / "report.json", report)


def evaluate_run(run: Run, split: str, dataset_name: str | None = None) -> dict[str, Any]:
    """Scores a run's best weights on a split of its data set as it is now, or of another one.

    Raises:
        InputError: when the split has no faces, or the run no weights yet.
    """
    own = run.config
    dataset = open_dataset(dataset_name) if dataset_name and dataset_name != own.dataset else open_training(own)
    if split not in ("train", "val", "test"):
        raise InputError(f"Unknown split {split!r}: choose train, val or test.")
    if not len(dataset.rows(split)):
        raise InputError(f"{dataset.name} has no {split} faces. Choose another split.")
    network = read_network(run.best_weights)
    learned = find_learned(run)
    predictions = predict_split(network, dataset, split, learned)
    about = {"run_id": run.run_id, "dataset": dataset.name, "dataset_fingerprint": dataset.info["fingerprint"]}
    absent = describe_absent(find_trained_without([run]), _labels(predictions))
    return {**about, "split": split, **score_predictions(predictions, learned.note), **absent}


def rescore_run(run: Run, progress: Callable[[int, int], None] = lambda done, total: None) -> dict[str, Any]:
    """Scores the validation and test faces of a run's data set as it is now; returns the report by split.

    Report and predictions are kept in a folder of their own (`fer_core.evaluations`); those of the training stay.

    Args:
        run: whose data set was assembled again.
        progress: called with batches done, and of how many.

    Raises:
        InputError: when the data set is still the one that was scored, or there is nothing to score it with.
    """
    dataset = open_training(run.config)
    if run.is_bundled or dataset.info["fingerprint"] == run.fingerprint:
        raise InputError(f"{run.run_id} has its scores on {dataset.name} already. See fer runs show {run.run_id}.")
    network, learned = read_network(run.best_weights), find_learned(run)
    n_faces = [len(dataset.rows(split)) for split in ("val", "test")]
    if not any(n_faces):
        raise InputError(f"{dataset.name} has no validation and no test faces. Assemble it with another split.")
    total = sum(-(-n // _BATCH) for n in n_faces) * _count_networks(network)
    done = count()
    trained_without = find_trained_without([run])
    predictions = predict_held_out(network, dataset, learned, on_batch=lambda: progress(next(done), total))
    report = {
        str(split): {**score_predictions(table, learned.note), **describe_absent(trained_without, _labels(table))}
        for split, table in predictions.groupby("split", sort=False)
    }
    folder = evaluation_folder(run, dataset.info["fingerprint"])
    folder.mkdir(parents=True, exist_ok=True)
    _write_scores(folder, predictions, report)
    return report


def _count_networks(network: Classifier) -> int:
    return sum(map(_count_networks, network.members)) if isinstance(network, Ensemble) else 1
