"""A small search, and its trials played."""

import json

from fer_core.base.files import write_json
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run
from fer_core.studies.search.searches import Search
from fer_core.studies.search.start import start_search
from fer_core.studies.search.summary import summarise_search

BASE = {
    "dataset": "tiny", "model": "compact_small", "input_px": 24, "epochs": 3, "batch_size": 4, "threads": 1,
    "precision": "float32", "device": "cpu",
}  # fmt: skip
RANGES = ["learning_rate=0.001..0.1:log", "optimizer=sgd|adamw"]


def new_search(
    name: str = "lr", n_trials: int = 3, ranges: list[str] = RANGES, parallel: int = 1, on_slurm=None, **base
) -> Search:
    return start_search(name, {**BASE, **base}, ranges, n_trials, 0, "test", parallel, on_slurm)


def play(run: Run, accuracies, state=None, message=""):
    """Writes what a trainer would: a line an epoch, and how it ended."""
    others = dict.fromkeys(("train_loss", "train_accuracy", "val_loss", "val_macro_f1", "learning_rate"), 0.5)
    lines = [{"kind": "epoch", "epoch": i, "step": i, "val_accuracy": a, **others} for i, a in enumerate(accuracies, 1)]
    (run.path / "metrics.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    if state:
        (run.path / "queued.json").unlink(missing_ok=True)
        write_json(run.path / "exit.json", {"state": state, "message": message, "seconds": 1.0})


def run_of(search, trial=-1) -> Run:
    run_id = summarise_search(search)["trials"][trial]["run_id"]
    return next(run for run in list_runs() if run.run_id == run_id)


def states(search):
    return [trial["state"] for trial in summarise_search(search)["trials"]]


def train_all(search, n, get_coordinator, accuracies=None):
    """Plays the next n trials to their end."""
    for _ in range(n):
        get_coordinator().step()
        run = run_of(search)
        score = 1 - abs(run.config.learning_rate - 0.02)
        play(run, accuracies or [score / 2, score, score / 3], "finished")
    get_coordinator().step()
