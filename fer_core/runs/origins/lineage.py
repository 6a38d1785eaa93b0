"""The faces that a run was trained on, including those of its parent run, its teachers, or its members."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.runs.config import TrainConfig
from fer_core.runs.find import get_ancestor, get_exactly, get_run
from fer_core.runs.origins.learned import (
    Learned,
    is_about,
    join_learned,
    list_faces,
    list_training,
    nothing_learned,
    read_learned,
    to_numbers,
    write_learned,
)
from fer_core.runs.origins.teachers import find_pinned, list_networks
from fer_core.runs.predictions import has_predictions, read_predictions
from fer_core.runs.run import Run, is_run

_TIME = "%Y-%m-%dT%H:%M:%S%z"
TRAINS_ON = "trains_on"  # in run.json: `digest_training`'s answer when the run was made


def find_learned(run: Run) -> Learned:
    """The faces that the run's network was trained on.

    A run of an earlier version has no such list: it is built from the run's data set, if that still exists
    unchanged, and stored. Otherwise the gap is recorded.
    """
    stored = read_learned(run.path)
    if stored is not None and stored.is_known:
        return stored
    try:
        learned = _gather(run)
    except InputError:
        return stored or nothing_learned((_explain_missing(run),))
    if learned.is_known:
        with suppress(OSError, InputError):  # a folder that cannot be written to is read all the same
            write_learned(run.path, learned)
    return learned


def gather_learned(run: Run) -> Learned:
    """The faces of a run about to start: the training faces of its data set, and those of its parents.

    Raises:
        InputError: if its data set is missing or has changed.
    """
    dataset = run.open_dataset()
    own = _list_old_fold(run, dataset) if _may_be_dealt_otherwise(run, dataset) else list_training(dataset)
    return join_learned([own, inherit_learned(run.config, partial(get_ancestor, run))])


def _may_be_dealt_otherwise(run: Run, dataset: Dataset) -> bool:
    """Whether an earlier version made the run's folds, and the data set has been assembled again since.

    The fingerprint does not cover the sets of copies that determine the folds.
    """
    if not run.config.folds or run.info.trains_on is not None:
        return False
    try:
        made, created = (datetime.strptime(text, _TIME) for text in (dataset.info.made, run.info.created))
    except ValueError:  # damaged: it may have been
        return True
    return made > created


def _list_old_fold(run: Run, dataset: Dataset) -> Learned:
    """The train and val faces, except those that the run left out according to its predictions."""
    if not has_predictions(run.path):
        raise InputError(
            f"The folds of {run.run_id} were made by an earlier version, and {dataset.name} has changed since."
        )
    predicted = read_predictions(run.path)
    left_out = predicted.loc[predicted["split"] == "val", "face_id"]
    rows = np.concatenate([dataset.rows("train"), dataset.rows("val")])
    return list_faces(dataset, rows[~dataset.table["face_id"].iloc[rows].isin(left_out).to_numpy()])


def renew_learned(run: Run) -> Learned:
    """Rebuilds a run's list and writes it, unless that would lose faces of the stored list.

    A missing parent, teacher, member or weights file leaves a gap, so a stored list without that gap is kept.

    Raises:
        InputError: if the run's data set is missing or has changed.
    """
    stored, learned = read_learned(run.path), _gather(run)
    if stored is not None and stored.is_known and not (learned.is_known and {*learned.outside} <= {*stored.outside}):
        return stored
    write_learned(run.path, learned)
    return learned


def digest_training(config: TrainConfig, dataset: Dataset) -> str:
    """Digest of all training data: the train and val faces in order, their labels, and the votes if used.

    The data set's fingerprint covers neither the votes nor the sets of copies that determine the folds.

    Args:
        config: of the run.
        dataset: of the run, with its split.
    """
    rows = np.flatnonzero(dataset.table["split"].isin(("train", "val")).to_numpy())
    known = dataset.table[["face_id", "sha256", "expression", "split"]].iloc[rows]
    digest = hashlib.sha256(known.to_csv(index=False).encode())
    if dataset.votes is not None and (config.soft_labels or config.votes_weight):
        digest.update(np.ascontiguousarray(dataset.votes[rows]).tobytes())
    return digest.hexdigest()


def refuse_other_faces(run: Run, dataset: Dataset) -> None:
    """Refuses to continue a run whose faces, labels or votes differ from those it was created for.

    Two data sets with one fingerprint may still differ in votes or folds.

    Raises:
        InputError: if they differ.
    """
    kept = run.info.trains_on
    if kept is not None:
        if kept != digest_training(run.config, dataset):
            raise InputError(
                f"{run.run_id} would continue with other faces, folds, labels or votes than it started with: "
                f"{dataset.name} has been assembled again under the same fingerprint. Start a new run, or "
                "assemble the earlier version again to continue this one."
            )
        return
    stored = read_learned(run.path)
    if stored is None:
        if _may_be_dealt_otherwise(run, dataset):
            raise InputError(
                f"{run.run_id} would continue with other folds than it started with: {dataset.name} has been "
                "assembled again since. Start a new run."
            )
        return
    rows = dataset.rows("train")
    n_new = int((~np.isin(to_numbers(dataset.digests[rows]), stored.faces[:, 0])).sum())
    if n_new:
        raise InputError(
            f"{run.run_id} would continue with {n_new:,} training faces that it did not start with: {dataset.name}"
            " was assembled again with other sets of copies, so its folds differ. Start a new run."
        )


def join_members(runs: Sequence[Run]) -> Learned:
    """The faces that the members of an ensemble were trained on."""
    return join_learned([nothing_learned(), *map(find_learned, runs)])


def _gather(run: Run) -> Learned:
    if run.members:
        return join_learned([nothing_learned(), *(_of_run(get_exactly, member.run_id) for member in run.members)])
    return gather_learned(run)


def inherit_learned(config: TrainConfig, find: Callable[[str], Run] = get_run) -> Learned:
    """The faces that a run inherits from its initial weights and its teachers.

    Args:
        config: of the run.
        find: returns the run that a name in the config refers to.
    """
    kind, _, where = config.init.partition(":")
    first = nothing_learned()
    if kind in ("run", "file"):
        first = _of_run(find, where) if kind == "run" else _of_file(where)
    return join_learned([first, *(_of_teacher(find, name) for name in config.teachers)])


def _of_teacher(find: Callable[[str], Run], name: str) -> Learned:
    """For a cross-validation, the faces of all its networks."""
    try:
        networks = list_networks(find_pinned(name, find))
    except InputError:
        return nothing_learned((f"its parent {name} has been deleted",))
    return join_learned([find_learned(run) for run in networks])


def _of_run(find: Callable[[str], Run], run_id: str) -> Learned:
    try:
        run = find(run_id)
    except InputError:
        return nothing_learned((f"its parent {run_id} has been deleted",))
    return find_learned(run)


def _of_file(path: str) -> Learned:
    """For a weights file: the list in its folder or in its run, if that list belongs to this file."""
    weights = Path(path).expanduser().resolve()
    unknown = nothing_learned(outside=(f"file:{path}",))
    if not weights.is_file():
        return unknown
    for folder in (weights.parent, weights.parent.parent):
        run, about = Run(folder), is_about(folder, weights)
        if about is None:  # a run or an export of an earlier version: its own files have their places and names
            about = is_run(folder) and weights in (run.best_weights.resolve(), run.last_checkpoint.resolve())
        if about:
            return find_learned(run) if is_run(folder) else read_learned(folder) or unknown
    return unknown


def _explain_missing(run: Run) -> str:
    return (
        f"{run.run_id} has no list of them, and its data set {run.info.dataset} with the fingerprint "
        f"{run.fingerprint[:16]} no longer exists"
    )
