"""Ensembles: the mean of several runs' probabilities, saved as a run of its own."""

import shlex
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from fer_core.checkpoints import Classifier, Ensemble, read_network
from fer_core.errors import InputError
from fer_core.evaluate import LOGIT_COLUMNS, write_calibrated
from fer_core.files import write_json
from fer_core.labels import INDEX
from fer_core.metrics import mean_logits, softmax
from fer_core.new_run import new_folder, write_identity
from fer_core.runs import Run
from fer_core.selection import Pick, select_greedily
from fer_core.wording import count_of, percent
from fer_core.workspace import runs_dir


def make_ensemble(runs: Sequence[Run], name: str = "", greedy: bool = False) -> Run:
    """A new, finished run that answers with the mean of the runs' probabilities.

    It is made of copies of their best weights and of their stored predictions; config.json is the first member's.

    Args:
        runs: finished ones, trained and validated on the same faces.
        name: for people.
        greedy: choose members and weights by `select_greedily`, instead of one of each.

    Raises:
        InputError: when the runs cannot be averaged, or greedy selection finds none that helps the best.
    """
    started, runs = time.time(), list({run.run_id: run for run in runs}.values())
    tables = _read_predictions(runs)
    picks = _pick(runs, tables) if greedy else []
    weights = Counter(pick.member for pick in picks) if greedy else Counter(range(len(runs)))
    chosen, counts = [runs[i] for i in weights], tuple(weights.values())
    ensemble = Ensemble(_read_members(chosen), counts)
    mean = tables[0].copy()
    mean[LOGIT_COLUMNS] = mean_logits([tables[i][LOGIT_COLUMNS].to_numpy() for i in weights], counts)
    config = chosen[0].config.model_copy(update={"name": name or f"ensemble of {len(chosen)}"})
    info = {
        **_identify(runs, chosen, counts),
        "command": _command(runs, name, greedy),
        "candidates": [run.run_id for run in runs],
        "selection": [{"run_id": runs[p.member].run_id, "val_accuracy": p.accuracy, "val_nll": p.nll} for p in picks],
    }
    made = Run(new_folder(runs_dir(), config.name))
    try:
        made.best_weights.parent.mkdir()
        message = _describe(info["members"], write_calibrated(made, ensemble, mean))
        seconds = round(time.time() - started, 1)
        write_json(made.path / "exit.json", {"state": "finished", "message": message, "seconds": seconds})
        write_identity(made, config, info)
    except BaseException:
        shutil.rmtree(made.path)
        raise
    return made


def _pick(runs: list[Run], tables: list[pd.DataFrame]) -> list[Pick]:
    held_out = [table[table["split"] == "val"] for table in tables]
    probs = np.stack([softmax(table[LOGIT_COLUMNS].to_numpy(np.float64)) for table in held_out])
    picks = select_greedily(probs, held_out[0]["expression"].map(INDEX).to_numpy(np.int64))
    if len({pick.member for pick in picks}) == 1:
        raise InputError(
            f"No other run helps {runs[picks[0].member].run_id} on the validation faces. Use it as it is, or average "
            "all without greedy selection."
        )
    return picks


def _read_predictions(runs: list[Run]) -> list[pd.DataFrame]:
    """The runs' predictions, all of the same faces in the same order."""
    if len(runs) < 2:
        raise InputError(f"An ensemble needs two runs or more, got {len(runs)}. Choose another one too.")
    tables: list[pd.DataFrame] = []
    first = runs[0]
    for run in runs:
        path = run.path / "predictions.parquet"
        if run.state != "finished" or not path.is_file():
            raise InputError(f"{run.run_id} has no predictions ({run.state}). Choose runs that have finished.")
        ours, theirs = (each.info["dataset_fingerprint"][:16] for each in (run, first))
        if ours != theirs:
            raise InputError(
                f"{run.run_id} was trained on another data set (fingerprint {ours}) than {first.run_id} ({theirs}). "
                "Choose runs of one data set."
            )
        tables.append(pd.read_parquet(path))
        if not tables[-1][["row", "split"]].equals(tables[0][["row", "split"]]):
            raise InputError(
                f"{run.run_id} was validated on other faces than {first.run_id}: they leave out different folds. "
                "Choose runs that were validated on the same faces."
            )
    return tables


def _read_members(runs: list[Run]) -> tuple[Classifier, ...]:
    networks = tuple(read_network(run.best_weights) for run in runs)
    for run, network in zip(runs, networks, strict=True):
        if network.face_px != networks[0].face_px:
            raise InputError(
                f"{run.run_id} takes faces of {network.face_px} px, {runs[0].run_id} of {networks[0].face_px} px. "
                "Choose runs for faces of one size."
            )
    return networks


def _identify(runs: list[Run], chosen: list[Run], counts: tuple[int, ...]) -> dict[str, Any]:
    of_data = {key: runs[0].info[key] for key in ("dataset", "dataset_fingerprint", "drawn")}
    members = [
        {"run_id": run.run_id, "title": run.title, "model": run.model, "weight": weight}
        for run, weight in zip(chosen, counts, strict=True)
    ]
    return {"kind": "ensemble", "device": "cpu", **of_data, "members": members}


def _command(runs: list[Run], name: str, greedy: bool) -> str:
    """The command that makes it again."""
    options = [*(["--name", name] if name else []), *(["--greedy"] if greedy else [])]
    return shlex.join(["fer", "ensemble", *(run.run_id for run in runs), *options])


def _describe(members: list[dict[str, Any]], report: dict[str, Any]) -> str:
    split = "test" if "test" in report else "val"
    titles = ", ".join(f"{m['weight']} x {m['title']}" if m["weight"] > 1 else m["title"] for m in members)
    accuracy, n_faces = percent(report[split]["accuracy"]), count_of(report[split]["n"], "face")
    return f"mean of {titles}: {split} accuracy {accuracy} on {n_faces}"
