"""Cross-validation: a group of ordinary runs, each of which leaves out one fold.

`fer_core.runs.groups` defines groups; `fer_core.studies.kfold_scores` summarises their scores.
"""

import shutil

import numpy as np

from fer_core.base.files import write_json
from fer_core.base.text import count_of
from fer_core.base.workspace import kfold_dir
from fer_core.datasets.dataset import Dataset, open_dataset
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runners import submit
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import create_run, new_folder
from fer_core.runs.find import delete_run
from fer_core.runs.fits import check_fits
from fer_core.runs.groups import Group
from fer_core.runs.origins.learned import mark_learned
from fer_core.runs.origins.lineage import inherit_learned
from fer_core.runs.training_data import open_training


def start_folds(config: TrainConfig, command: str) -> Group:
    """Queues one run per fold; the runs differ only in `fold`.

    Raises:
        InputError: if there are no folds to leave out, or if runs would start from a network that was trained on
            seen the faces left out.
    """
    check_folds(config)
    check_fits(config, open_training(config))
    title = config.name or config.model
    dataset = open_dataset(config.dataset)
    _refuse_learned(config, dataset)
    splits = dataset.info.splits
    group, runs = Group(new_folder(kfold_dir(), title)), []
    try:
        for fold in range(config.folds):
            runs.append(create_run(config.model_copy(update={"fold": fold}), command, {"kfold": group.group_id}))
        info = {"title": title, "dataset": config.dataset, "folds": config.folds, "n": splits["train"] + splits["val"]}
        run_ids = [run.run_id for run in runs]
        write_json(group.path / "kfold.json", {**info, "command": command, "run_ids": run_ids})
    except BaseException:
        for path in (group.path, *(run.path for run in runs)):
            shutil.rmtree(path)
        raise
    submit.enqueue(runs)
    return group


def check_folds(config: TrainConfig) -> None:
    """Refuses a config that cannot be cross-validated on any data set.

    Raises:
        InputError: if there are no folds to leave out, or if runs would start from another run.
    """
    if not config.folds:
        raise InputError("folds: a cross-validation needs 2 or more, got 0. Choose 5, for example.")
    if config.teachers or config.init.startswith("run:"):
        raise InputError(
            "init and teacher: an earlier run was trained on faces that a fold leaves out, so scores would be "
            "too high. Choose another init and no teacher."
        )


def _refuse_learned(config: TrainConfig, dataset: Dataset) -> None:
    """Refuses initial weights from a file that were trained on faces to be left out."""
    if not config.init.startswith("file:"):
        return
    rows = np.concatenate([dataset.rows("train"), dataset.rows("val")])
    exact, _ = mark_learned(dataset, rows, inherit_learned(config))
    if exact.any():
        raise InputError(
            f"{config.init} was trained on {count_of(int(exact.sum()), 'face')} of {config.dataset}, which the "
            "folds leave out in turn, so scores would be too high. Choose another init."
        )


def stop_group(group: Group) -> int:
    """Removes its queued runs from the queue and stops the running one; returns their number."""
    active = [run for run in group.runs if run.state.is_active]
    for run in sorted(active, key=lambda run: run.state is State.RUNNING):
        submit.cancel(run)
    return len(active)


def resume_group(group: Group) -> int:
    """Queues its stopped, failed and lost runs; returns their number."""
    halted = [run for run in group.runs if run.state.is_resumable]
    for run in halted:
        submit.resume(run)
    return len(halted)


def delete_group(group: Group) -> None:
    """Deletes its runs, its out-of-fold probabilities and its folder.

    Raises:
        InputError: if one of its runs is running or queued.
    """
    runs = group.runs
    if any(run.state.is_active for run in runs):
        raise InputError(f"{group.group_id} is still running. Stop it first, then delete it.")
    for run in runs:
        delete_run(run)
    shutil.rmtree(group.path)
