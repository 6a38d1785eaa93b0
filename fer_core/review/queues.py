"""Lists of faces that are worth reviewing. Each is a table with the most urgent face first.

Columns of every list: face_id, sha256, split, expression (its label), suggested (an expression, or "" where nothing
suggests one), and opinion_<expression>: shares that sum to 1, NaN where there are none. A face from an earlier version
of the data set is listed only if the current version has a face with the same name and pixels.
"""

import numpy as np
import pandas as pd

from fer_core.datasets.dataset import Dataset
from fer_core.errors import InputError
from fer_core.labels import EXPRESSIONS
from fer_core.review.suspects import find_suspects
from fer_core.runs.evaluations import find_evaluation
from fer_core.runs.groups import Group
from fer_core.runs.predictions import PROBS, fill_digests, get_probs, has_predictions, read_predictions
from fer_core.runs.run import Run
from fer_core.sources.records import MAJORITY

OPINIONS = [f"opinion_{expression}" for expression in EXPRESSIONS]
COLUMNS = ["face_id", "sha256", "split", "expression", "suggested", *OPINIONS]
N_RANDOM = 500


def list_suspects(dataset: Dataset, group: Group) -> pd.DataFrame:
    """Labels that confident learning suspects, least credible first; the opinions are out-of-fold probabilities."""
    found = find_suspects(dataset, group)
    return found.rename(columns=dict(zip(PROBS, OPINIONS, strict=True)))[COLUMNS]


def list_mistakes(dataset: Dataset, run: Run) -> pd.DataFrame:
    """Held-out faces that the run misclassifies by their current labels, most confident first.

    Uses the evaluation on the current version of the data set if there is one, else that of the run itself.

    Raises:
        InputError: when the run has not finished.
    """
    folder = find_evaluation(run, dataset.info.fingerprint) or run.path
    if not has_predictions(folder):
        raise InputError(f"{run.run_id} has no predictions yet. Wait until it finishes, or choose another run.")
    predictions = fill_digests(read_predictions(folder), run.info)
    probs = get_probs(predictions)
    rows = dataset.find_rows(predictions["face_id"], predictions["digest"])
    there = np.flatnonzero(rows >= 0)
    faces = _list_faces(dataset).iloc[rows[there]].reset_index(drop=True)
    faces[OPINIONS] = probs[there]
    faces["suggested"] = np.array(EXPRESSIONS, dtype=object)[probs[there].argmax(1)]
    faces["sure"] = probs[there].max(1)
    wrong = faces[faces["suggested"] != faces["expression"]]
    return wrong.sort_values("sure", ascending=False, kind="stable", ignore_index=True)[COLUMNS]


def list_disagreements(dataset: Dataset) -> pd.DataFrame:
    """Faces whose majority of votes (FER+) differs from their label, smallest share of votes for the label first.

    Raises:
        InputError: when the data set has no votes.
    """
    if MAJORITY not in dataset.table or dataset.votes is None:
        raise InputError(f"{dataset.name} has no votes. Put fer2013new.csv beside fer2013.csv and assemble it again.")
    faces = _list_faces(dataset)
    faces[OPINIONS] = dataset.votes
    majority = dataset.table[MAJORITY]
    faces["suggested"] = majority.where(majority.isin(EXPRESSIONS), "")
    faces["own_share"] = np.nan_to_num(dataset.votes[np.arange(len(faces)), dataset.labels])
    differs = (majority.notna() & (majority != "tie") & (majority != faces["expression"])).to_numpy()
    return faces[differs].sort_values("own_share", kind="stable", ignore_index=True)[COLUMNS]


def list_random(dataset: Dataset, seed: int = 0) -> pd.DataFrame:
    """N_RANDOM faces drawn at random, to estimate how many labels are wrong; the opinions are votes, if any."""
    faces = _list_faces(dataset).assign(suggested="")
    faces[OPINIONS] = np.nan if dataset.votes is None else dataset.votes
    drawn = np.random.default_rng(seed).permutation(len(faces))[:N_RANDOM]
    return faces.iloc[drawn].reset_index(drop=True)[COLUMNS]


def _list_faces(dataset: Dataset) -> pd.DataFrame:
    return dataset.table[["face_id", "sha256", "split", "expression"]].reset_index(drop=True)
