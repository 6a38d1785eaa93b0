"""Runs a network on the faces of a split: predictions, scores and the run's report."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fer_core.base.files import write_json
from fer_core.datasets.dataset import Dataset
from fer_core.evaluation.calibration import fit_calibration, fit_share
from fer_core.evaluation.metrics import score, score_with_copies
from fer_core.evaluation.people_truth import SOURCE, VOTED, find_people_truth, find_voted_index, score_sources
from fer_core.inference.logits import predict_heads, refuse_no_numbers
from fer_core.labels import EXPRESSIONS, INDEX
from fer_core.models.checkpoints import write_weights
from fer_core.models.folding import fold_network
from fer_core.models.heads import HEADS, LOGITS, Head
from fer_core.models.network import (
    Classifier,
    Network,
    ask,
    calibration_of,
    mix_heads,
    without_calibration,
)
from fer_core.models.probabilities import softmax
from fer_core.runs.absent import describe_absent, find_trained_without
from fer_core.runs.config import TrainConfig
from fer_core.runs.origins.learned import Learned, mark_learned, note_weights
from fer_core.runs.origins.lineage import find_learned
from fer_core.runs.predictions import write_predictions
from fer_core.runs.report import FittedOn, SplitReport, VoteScores
from fer_core.runs.run import Run


def predict_split(
    network: Classifier,
    dataset: Dataset,
    split: str,
    learned: Learned,
    device: str = "cpu",
    on_batch: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """One row per face of the split, identified by face_id and digest.

    Columns: face_id, digest (the first 16 digits of its sha256), split, expression, source (absent where all are of
    one), voted (the expression with the most votes, "" without votes; absent if no face has votes), copy_in_train and
    near_copy_in_train (whether the network was trained on it, or on a near copy; absent if unknown), and
    LOGITS of each head. The split "all" is every face.
    """
    rows = np.arange(len(dataset.table)) if split == "all" else dataset.rows(split)
    logits = predict_heads(network, dataset.faces[rows], device, on_batch=on_batch)
    refuse_no_numbers(np.stack(list(logits.values())))
    table = dataset.table[["face_id", "split", "expression"]].iloc[rows].reset_index(drop=True)
    table.insert(1, "digest", dataset.digests[rows])
    if learned.is_known:
        table["copy_in_train"], table["near_copy_in_train"] = mark_learned(dataset, rows, learned)
    if dataset.table[SOURCE].nunique() > 1:
        table[SOURCE] = dataset.table[SOURCE].iloc[rows].to_numpy(object)
    if dataset.votes is not None:
        table[VOTED] = find_voted(dataset.votes[rows])
    for head, answer in logits.items():
        table[LOGITS[head]] = answer
    return table


def find_voted(votes: np.ndarray) -> np.ndarray:
    """(N,) object: the expression with the largest share, the first of equals; "" without votes.

    Args:
        votes: (N, 7) shares, NaN or 0 without votes.
    """
    shares = np.nan_to_num(votes)
    return np.where(shares.any(1), np.array(EXPRESSIONS, object)[shares.argmax(1)], "")


def score_predictions(
    predictions: pd.DataFrame, note: str | None, head: Head = "labels", config: TrainConfig | None = None
) -> SplitReport:
    """The scores of a table from `predict_split`, including those on faces that the network was not trained on.

    Args:
        predictions: the table.
        note: what is not known of the faces that it learned (`Learned.note`); it goes into the report unchanged.
        head: the head to score, against the data set's labels and, in `against_votes`,
            against majority votes if there are any.
        config: of the run; if given, `by_source` says which sources' labels trained the labels head.
    """
    probs = softmax(predictions[LOGITS[head]].to_numpy(np.float64))
    exact, near = (predictions.get(name) for name in ("copy_in_train", "near_copy_in_train"))
    marks = [None if mark is None else mark.to_numpy(bool) for mark in (exact, near)]
    found: dict[str, object] = {"head": head, "learned_note": note}
    sources = score_sources(predictions, get_labels(predictions), probs, config if head == "labels" else None)
    if sources:
        found["by_source"] = sources
    voted = find_voted_index(predictions)
    if (voted >= 0).any():
        found["against_votes"] = VoteScores.model_validate(score(probs[voted >= 0], voted[voted >= 0]).to_fields())
    return score_with_copies(probs, get_labels(predictions), *marks).model_copy(update=found)


def get_labels(predictions: pd.DataFrame) -> np.ndarray:
    """(N,) int64: the class of each row's label."""
    return predictions["expression"].map(INDEX).to_numpy(np.int64)


def predict_held_out(
    network: Classifier,
    dataset: Dataset,
    learned: Learned,
    device: str = "cpu",
    on_batch: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """`predict_split` for the validation faces and, if there are any, the test faces."""
    splits = [split for split in ("val", "test") if len(dataset.rows(split))]
    tables = [predict_split(network, dataset, split, learned, device, on_batch) for split in splits]
    return pd.concat(tables, ignore_index=True)


def write_report(
    run: Run,
    network: Classifier,
    dataset: Dataset,
    device: str,
    on_batch: Callable[[], None] = lambda: None,
) -> dict[str, SplitReport]:
    """Predicts the held-out faces with the run's best weights, and writes the files of `write_calibrated`."""
    raw = without_calibration(network)
    if isinstance(raw, Network) and raw.people:
        raw = replace(raw, people=replace(raw.people, share=1.0))
    learned = find_learned(run)
    predictions = predict_held_out(fold_network(raw), dataset, learned, device, on_batch)
    if isinstance(raw, Network) and raw.people:
        network, predictions = _mix(raw, predictions, run.config)
    return write_calibrated(run, network, predictions, learned.note, find_trained_without([run]), run.config)


def _mix(network: Network, predictions: pd.DataFrame, config: TrainConfig) -> tuple[Network, pd.DataFrame]:
    """The network with the best weight of its people head on the validation faces, and its predictions."""
    labels, people = (predictions[LOGITS[head]].to_numpy() for head in HEADS)
    val = (predictions["split"] == "val").to_numpy()
    truth, _ = find_people_truth(predictions[val], config)
    known = truth >= 0
    share = fit_share(labels[val][known], people[val][known], truth[known])
    mixed = predictions.copy()
    mixed[LOGITS["people"]] = mix_heads(labels, people, share)
    assert network.people
    return replace(network, people=replace(network.people, share=share)), mixed


def write_calibrated(
    run: Run,
    network: Classifier,
    predictions: pd.DataFrame,
    note: str | None,
    trained_without: list[str] | None,
    config: TrainConfig | None = None,
) -> dict[str, SplitReport]:
    """Writes best.safetensors, predictions.parquet and report.json, all calibrated; returns the report.

    Each head is calibrated on the validation faces, the labels head with their labels, the people head with their votes
    or, without votes, with the labels of its own sources (`find_people_truth`). The calibration is stored with the
    weights. `fitted_on` says with what, and on how many faces. The report of each split has the calibration error
    before (`ece_before`), and the expressions without faces in training or in the split (`absent_in_training`, null if
    unknown, and `absent_in_split`); the people head's report is in it as `people`.

    Args:
        run: its folder gets the files.
        network: its weights.
        predictions: `predict_split`'s rows of the validation and, if there are any, the test faces, not yet calibrated.
        note: as for `score_predictions`.
        trained_without: the result of `fer_core.runs.absent.find_trained_without`.
        config: of the run, if there is one.
    """
    network, scaled, fitted_on = _calibrate(network, predictions, config)
    report = {}
    for split, table in scaled.groupby("split", sort=False):
        each = {
            head: _score_both(predictions.loc[table.index], table, note, network, head, config).model_copy(
                update={"fitted_on": fitted}
            )
            for head, fitted in fitted_on.items()
        }
        report[str(split)] = join_heads(each, describe_absent(trained_without, get_labels(table)))
    write_weights(run.best_weights, network)  # only now: nothing that could fail comes after
    note_weights(run.path, run.best_weights)
    write_scores(run.path, scaled, report)
    return report


def join_heads(each: dict[Head, SplitReport], absent: dict[str, tuple[str, ...] | None]) -> SplitReport:
    """The report of the labels head, with that of the people head inside, if there is one, and `describe_absent`'s."""
    people = {"people": each["people"]} if "people" in each else {}
    return each["labels"].model_copy(update={**absent, **people})


def _calibrate(
    network: Classifier, predictions: pd.DataFrame, config: TrainConfig | None
) -> tuple[Classifier, pd.DataFrame, dict[Head, FittedOn]]:
    """(network, predictions, fitted_on): each head calibrated on the validation faces, with what and on how many."""
    held_out, scaled = predictions[predictions["split"] == "val"], predictions.copy()
    fitted_on: dict[Head, FittedOn] = {}
    for head in network.heads:
        people = find_people_truth(held_out, config)
        y_true, what = people if head == "people" else (get_labels(held_out), "labels")
        logits, known = held_out[LOGITS[head]].to_numpy(), y_true >= 0
        fitted_on[head] = FittedOn(what=what, n=int(known.sum()))
        if not known.any():
            continue
        calibration = fit_calibration(logits[known], y_true[known])
        if head == "people" and network.people:
            network = replace(network, people=replace(network.people, calibration=calibration))
        else:
            network = replace(network, calibration=calibration)
        scaled[LOGITS[head]] = calibration.apply(predictions[LOGITS[head]].to_numpy())
    return network, scaled, fitted_on


def _score_both(
    before: pd.DataFrame,
    after: pd.DataFrame,
    note: str | None,
    network: Classifier,
    head: Head,
    config: TrainConfig | None,
) -> SplitReport:
    """The scores of a calibrated head, with the calibration error before calibration."""
    earlier, scores = score_predictions(before, note, head), score_predictions(after, note, head, config)
    calibration = calibration_of(ask(network, head))
    found: dict[str, object] = {
        "ece_before": earlier.ece,
        "temperature": calibration.temperature,
        "biases": tuple(calibration.biases),
    }
    if scores.against_votes and earlier.against_votes:
        before = {"ece_before": earlier.against_votes.ece}
        found["against_votes"] = scores.against_votes.model_copy(update=before)
    return scores.model_copy(update=found)


def write_scores(folder: Path, predictions: pd.DataFrame, report: dict[str, SplitReport]) -> None:
    """Writes the report last: if it exists, so do the predictions."""
    write_predictions(folder, predictions)
    write_json(folder / "report.json", {split: scores.to_document() for split, scores in report.items()})
