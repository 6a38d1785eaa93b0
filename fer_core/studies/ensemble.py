"""Ensembles: the mean of several runs' probabilities, saved as a run of its own."""

import shlex
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import pandas as pd

from fer_core.base.text import count_of, percent
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.evaluation.report import write_calibrated
from fer_core.jobs.state import State
from fer_core.labels import INDEX
from fer_core.models.checkpoints import read_network
from fer_core.models.heads import LOGITS
from fer_core.models.network import Classifier, Ensemble, People
from fer_core.models.probabilities import mean_logits, softmax
from fer_core.runs.absent import ABSENT, find_trained_without
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import new_folder, write_identity
from fer_core.runs.info import Member, RunInfo
from fer_core.runs.origins.learned import Learned, mark_learned, write_learned
from fer_core.runs.origins.lineage import join_members
from fer_core.runs.predictions import has_predictions, read_predictions
from fer_core.runs.report import SplitReport
from fer_core.runs.run import Run
from fer_core.runs.run_weights import require_weights
from fer_core.studies.greedy import Pick, select_greedily


def make_ensemble(runs: Sequence[Run], name: str = "", greedy: bool = False) -> Run:
    """Creates a finished run that predicts the mean of the runs' probabilities.

    It contains copies of their best weights and stored predictions; config.json is that of the first member.

    Args:
        runs: finished runs that were trained and validated on the same faces.
        name: for people.
        greedy: choose members and weights with `select_greedily` instead of equal weights.

    Raises:
        InputError: if the runs cannot be averaged, or no other run improves the best one in greedy selection.
    """
    started, runs = time.time(), list({run.run_id: run for run in runs}.values())
    tables = _read_predictions(runs)
    picks = _pick(runs, tables) if greedy else []
    weights = Counter(pick.member for pick in picks) if greedy else Counter(range(len(runs)))
    chosen, counts = [runs[i] for i in weights], tuple(weights.values())
    members = _read_members(chosen)
    has_people = all("people" in member.heads for member in members)
    ensemble = Ensemble(members=members, weights=counts, people=People() if has_people else None)
    learned, averaged = join_members(chosen), [tables[i] for i in weights]
    mean = _mark(tables[0], averaged, chosen[0], learned)
    for head in ensemble.heads:
        mean[LOGITS[head]] = mean_logits([table[LOGITS[head]].to_numpy() for table in averaged], counts)
    config = chosen[0].config.model_copy(update={"name": name or f"ensemble of {len(chosen)}"})
    members_of, trained_without = _list_members(chosen, counts), find_trained_without(chosen)
    origin = _tell_origin(runs, name, picks)
    info = {**_identify(runs[0].info, members_of), **origin} | (
        {} if trained_without is None else {ABSENT: trained_without}
    )
    with _new_run(config) as made:
        report = write_calibrated(made, ensemble, mean, learned.note, trained_without, _shared_sources(chosen))
        message = _describe(members_of, report)
        write_learned(made.path, learned)
        seconds = round(time.time() - started, 1)
        made.job.end(State.FINISHED, message, seconds)
        write_identity(made, config, info)
    return made


def _identify(first: RunInfo, members: Sequence[Member]) -> dict[str, object]:
    """The run.json of an ensemble; its data set is that of the first member."""
    return {
        "kind": "ensemble",
        "device": "cpu",
        "dataset": first.dataset,
        "dataset_fingerprint": first.dataset_fingerprint,
        "drawn": first.drawn,
        "members": [member.to_document() for member in members],
    }


@contextmanager
def _new_run(config: TrainConfig) -> Iterator[Run]:
    """Creates a new run's folder, ready for its weights; deletes it if writing into it fails."""
    made = Run(new_folder(runs_dir(), config.name))
    try:
        made.best_weights.parent.mkdir()
        yield made
    except BaseException:
        shutil.rmtree(made.path)
        raise


def _shared_sources(runs: list[Run]) -> TrainConfig | None:
    """The config of the first run if all were trained on the same sources; None otherwise."""
    configs = [run.config for run in runs if not run.members]
    same = {(config.labels_from, config.people_from) for config in configs}
    return configs[0] if len(configs) == len(runs) and len(same) == 1 else None


def _pick(runs: list[Run], tables: list[pd.DataFrame]) -> list[Pick]:
    held_out = [table[table["split"] == "val"] for table in tables]
    probs = np.stack([softmax(table[LOGITS["labels"]].to_numpy(np.float64)) for table in held_out])
    picks = select_greedily(probs, held_out[0]["expression"].map(INDEX).to_numpy(np.int64))
    if len({pick.member for pick in picks}) == 1:
        raise InputError(
            f"No other run improves {runs[picks[0].member].run_id} on the validation faces. Use it alone, or "
            "average all runs without greedy selection."
        )
    return picks


def _read_predictions(runs: list[Run]) -> list[pd.DataFrame]:
    """The runs' predictions, for the same faces in the same order."""
    if len(runs) < 2:
        raise InputError(f"An ensemble needs at least two runs, got {len(runs)}. Choose more.")
    tables: list[pd.DataFrame] = []
    first = runs[0]
    for run in runs:
        if run.state is not State.FINISHED or not has_predictions(run.path):
            raise InputError(f"{run.run_id} has no predictions ({run.state}). Choose runs that have finished.")
        ours, theirs = (each.info.dataset_fingerprint[:16] for each in (run, first))
        if ours != theirs:
            raise InputError(
                f"{run.run_id} was trained on another data set (fingerprint {ours}) than {first.run_id} ({theirs}"
                "). Choose runs on one data set."
            )
        table = read_predictions(run.path)
        joined = _join_faces(table, tables[0]) if tables else table
        if joined is None:
            raise InputError(
                f"{run.run_id} was validated on other faces than {first.run_id}: they belong to different folds. "
                "Choose runs that were validated on the same faces."
            )
        tables.append(joined)
    return tables


def _mark(table: pd.DataFrame, tables: list[pd.DataFrame], run: Run, learned: Learned) -> pd.DataFrame:
    """The table with columns that mark the faces any member was trained on; without them where that is not known."""
    marks = ["copy_in_train", "near_copy_in_train"]
    marked = table.drop(columns=[*marks, "row"], errors="ignore")
    if not learned.is_known:
        return marked
    if all({"digest", *marks} <= {*one} for one in tables):
        return marked.assign(**{mark: np.any([one[mark] for one in tables], 0) for mark in marks})
    try:  # predictions of an earlier version: their marks are about the data set, not about the run
        dataset = run.open_dataset()
    except InputError:
        return marked
    rows = dataset.find_rows(table["face_id"], None)
    return marked.assign(**dict(zip(marks, mark_learned(dataset, rows, learned), strict=True)))


def _join_faces(table: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame | None:
    """The table in the order of `first`; None if its faces or splits differ."""
    keys = ["face_id", "split", *(["digest"] if "digest" in table and "digest" in first else [])]
    ordered = first[keys].merge(table, on=keys, how="left", validate="one_to_one")
    if len(table) != len(first) or ordered["expression"].isna().any():
        return None
    return ordered


def _read_members(runs: list[Run]) -> tuple[Classifier, ...]:
    networks = tuple(read_network(require_weights(run)) for run in runs)
    for run, network in zip(runs, networks, strict=True):
        if network.face_px != networks[0].face_px:
            raise InputError(
                f"{run.run_id} needs faces of {network.face_px} px, but {runs[0].run_id} needs faces of "
                f"{networks[0].face_px} px. Choose runs for faces of one size."
            )
    return networks


def _list_members(chosen: list[Run], counts: tuple[int, ...]) -> list[Member]:
    return [
        Member(run_id=run.run_id, title=run.title, model=run.model, weight=weight)
        for run, weight in zip(chosen, counts, strict=True)
    ]


def _tell_origin(runs: list[Run], name: str, picks: list[Pick]) -> dict[str, object]:
    """The members and how they were selected; no selection was requested if there are no picks."""
    return {
        "command": _command(runs, name, bool(picks)),
        "candidates": [run.run_id for run in runs],
        "selection": [{"run_id": runs[p.member].run_id, "val_accuracy": p.accuracy, "val_nll": p.nll} for p in picks],
    }


def _command(runs: list[Run], name: str, greedy: bool) -> str:
    """The command that makes it again."""
    options = [*(["--name", name] if name else []), *(["--greedy"] if greedy else [])]
    return shlex.join(["fer", "ensemble", *(run.run_id for run in runs), *options])


def _describe(members: Sequence[Member], report: Mapping[str, SplitReport]) -> str:
    split = "test" if "test" in report else "val"
    titles = ", ".join(f"{m.weight} x {m.title}" if m.weight > 1 else m.title for m in members)
    accuracy, n_faces = percent(report[split].accuracy), count_of(report[split].n, "face")
    return f"mean of {titles}: {split} accuracy {accuracy} on {n_faces}"
