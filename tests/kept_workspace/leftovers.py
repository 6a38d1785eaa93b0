"""What stands beside data sets and runs in the kept workspace: jobs, a cross-validation, a search, a rate test."""

import shutil
import threading
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from unittest import mock

from fer_core.base.files import write_json
from fer_core.base.workspace import datasets_dir
from fer_core.datasets.assembling import copy_counts
from fer_core.datasets.assembling import job as assemble_job
from fer_core.datasets.assembling.recipe import DatasetRecipe
from fer_core.datasets.corrections.log import Correction, open_log
from fer_core.datasets.dataset import open_dataset
from fer_core.jobs.processes import record_process
from fer_core.review.correct import correct_face
from fer_core.runs.config import build_config
from fer_core.runs.find import get_run
from fer_core.runs.groups import Group
from fer_core.runs.run import Run
from fer_core.studies import lr_range_job
from fer_core.studies.kfold import start_folds
from fer_core.studies.kfold_scores import write_out_of_fold
from fer_core.studies.lr_range import Sweep
from fer_core.studies.lr_range_job import create_lr_range
from fer_core.studies.search.coordinator import coordinate
from fer_core.studies.search.searches import Search
from fer_core.studies.search.start import start_search
from fer_core.studies.search.summary import summarise_search
from fer_core.studies.source_leak import job as source_leak_job
from fer_core.studies.source_leak import net as source_net
from tests.kept_workspace.trainings import TINY, run_main, train

WHO = "a reviewer"


def make_group() -> Group:
    """A cross-validation of two folds, with its out-of-fold probabilities."""
    command = "fer kfold --dataset faces --folds 2 --name folded"
    group = start_folds(build_config({**TINY, "name": "folded", "folds": 2, "epochs": 1}), command)
    for run in group.runs:
        train(run)
    write_out_of_fold(group)
    return group


def make_search() -> Search:
    """A search of two trials: its coordinator at work in a thread, their trainings here."""
    ranges = ["learning_rate=0.001..0.1:log", "optimizer=sgd|adamw"]
    search = start_search("rates", {**TINY, "epochs": 1}, ranges, 2, 0, "fer search start rates --dataset faces")
    (search.path / "log.txt").touch()
    thread = threading.Thread(target=coordinate, args=(search, threading.Event()))
    thread.start()
    trained: set[str] = set()
    while thread.is_alive():
        thread.join(0.2)
        for trial in summarise_search(search)["trials"]:
            if trial["run_id"] and trial["run_id"] not in trained and get_run(trial["run_id"]).state == "queued":
                trained.add(trial["run_id"])
                train(get_run(trial["run_id"]))
    return search


def make_lr_range() -> Run:
    """A learning-rate range test that has ended."""
    run = create_lr_range(build_config(TINY), "fer lr-range --dataset faces --steps 20", Sweep(n_steps=20))
    run_main(lr_range_job.main, run)
    return run


def make_leak() -> None:
    """The leak of source identity of `faces`, with its job; measured in 20 steps, not 900."""
    source_leak_job.start_leak("faces")
    with mock.patch.object(source_net, "tell_source", partial(source_net.tell_source, n_steps=20)):
        source_leak_job.main(datasets_dir() / "faces" / ".leak")


def make_copy_counts(recipe: DatasetRecipe) -> None:
    """A count of what the rules for copies would take, as the page starts it."""
    copy_counts.start_counting(recipe)
    copy_counts.main(copy_counts._folder(recipe))


def make_assembly_jobs(done: DatasetRecipe, gone: Path) -> None:
    """An assembly that is done and was not seen yet, one that failed, one that was stopped, one that was killed."""
    assemble_job.start_assembly(done)
    assemble_job.main(datasets_dir() / f".{done.name}.job")
    assemble_job.start_assembly(DatasetRecipe("failed", sources=(("fer2013", str(gone)),)))
    assemble_job.main(datasets_dir() / ".failed.job")
    stopped = datasets_dir() / ".stopped.job"
    shutil.copytree(datasets_dir() / ".failed.job", stopped)
    write_json(stopped / "exit.json", {"state": "stopped", "message": "Nothing was changed."})
    killed = datasets_dir() / ".killed.job"
    killed.mkdir()
    write_json(killed / "job.json", asdict(DatasetRecipe("killed", sources=done.sources)))
    step = {"step": "reading fer2013.csv", "done": 0, "total": 1, "step_began": time.time()}
    write_json(killed / "progress.json", step)
    record_process(killed / "process.json")
    (killed / "job.lock").touch()
    (datasets_dir() / ".killed.lock").touch()
    (datasets_dir() / ".killed.partial").mkdir()
    (datasets_dir() / ".killed.partial" / "0123456789abcdef.npy").write_bytes(b"\x93NUMPY")


def correct(name: str, pseudo: str) -> None:
    """Corrections of each kind: by a person, one of them to leave a face out; undone; by a file; by suspicion."""
    dataset, log = open_dataset(name), open_log(name)
    train_rows = dataset.table.iloc[dataset.rows("train")]
    ids = train_rows["face_id"].tolist()
    for face_id, expression in ((ids[0], "happy"), (ids[1], "drop"), (ids[2], "sad")):
        correct_face(dataset, log, face_id, expression, WHO)
    log.undo(list(log.standing)[-1], WHO)
    for face, kind, why in ((ids[3], "pseudo", pseudo), (ids[4], "confident-learning", "folded")):
        row = train_rows.set_index("face_id").loc[face]
        made = {"expression": "neutral", "before": row["expression"], "kind": kind, "who": WHO, "why": why}
        log.add([Correction(face_id=face, sha256=row["sha256"], confidence=0.9, **made)])
    held_out = dataset.table.iloc[dataset.rows("val")]["face_id"].iloc[0]
    correct_face(dataset, log, held_out, "fear", WHO)


def strip_weights(run: Run, name: str) -> Run:
    """A copy of a run as `fer gpu unpack` lays one without its weights."""
    path = run.path.with_name(f"{run.run_id[:16]}{name}")
    shutil.copytree(run.path, path, ignore=shutil.ignore_patterns("*.safetensors", "*.pt", "*.lock", "process.json"))
    bare = Run(path)
    write_json(path / "run.json", {**run.info.to_document(), "run_id": path.name, "gpu_pack": "0123456789abcdef"})
    write_json(path / "config.json", {**run.config.model_dump(), "name": name})
    return bare
