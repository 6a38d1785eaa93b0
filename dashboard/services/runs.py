"""Runs, their curves and predictions, cached by the files' times."""

from pathlib import Path

import pandas as pd
import streamlit as st

from fer_core.models.heads import Head
from fer_core.runs import predictions
from fer_core.runs.find import get_run
from fer_core.runs.info import EpochLine
from fer_core.runs.predictions import PREDICTIONS, add_answers, fill_digests, read_predictions
from fer_core.runs.report import SplitReport, read_report
from fer_core.runs.run import BUNDLED_ID, Run, split_metrics
from fer_core.runs.summary import RunSummary, summarise, summarise_runs


def load_summaries() -> list[RunSummary]:
    """One row per run, newest first; read each time, because states change."""
    return summarise_runs()


def load_networks() -> list[RunSummary]:
    """A row each network to use on photographs, the one to offer first in front.

    The newest that has been trained to its end on photographs; where there is none, the project's own; then those at
    work or stopped, and those of drawn faces.
    """
    trained = [row for row in summarise_runs() if get_run(row.run_id).best_weights.is_file()]
    whole = [row for row in trained if row.state == "finished" and not row.drawn]
    return [*whole, summarise(get_run(BUNDLED_ID)), *(row for row in trained if row not in whole)]


def load_epochs(run_id: str) -> list[EpochLine]:
    """The epoch lines of a run."""
    return split_metrics(get_run(run_id).metrics())[0]


def load_predictions(folder: Path, split: str, head: Head = "labels") -> pd.DataFrame:
    """One row a face of the split, most confident first, of a run's folder or of a later evaluation's, by that head.

    Columns: face_id, digest ("" where it is not known any more), expression, predicted, confidence, prob_<expression>,
    and where it is known copy_in_train and near_copy_in_train.
    """
    path = folder / PREDICTIONS
    table = _load_predictions(str(path), split, head, path.stat().st_mtime_ns)
    return table if "digest" in table else fill_digests(table, Run(folder).info)


def load_report(run: Run, folder: Path) -> dict[str, SplitReport]:
    """The scores by split, from the run's folder or that of a later evaluation; empty if there are none."""
    return (run.report if folder == run.path else read_report(folder)) or {}


def has_predictions(run: Run) -> bool:
    """True once the run has finished and its faces can be browsed."""
    return predictions.has_predictions(run.path)


@st.cache_data(max_entries=8, show_spinner=False)
def _load_predictions(path: str, split: str, head: Head, made: int) -> pd.DataFrame:
    table = read_predictions(Path(path).parent)
    table = add_answers(table[table["split"] == split].reset_index(drop=True), head)
    return table.sort_values("confidence", ascending=False, kind="stable").reset_index(drop=True)
