"""Lists of corrections, read incrementally, and lists of faces to review, cached."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pandas as pd
import streamlit as st

from dashboard.services.datasets import load_dataset, name_version
from fer_core.base.workspace import corrections_dir
from fer_core.datasets.corrections.log import CorrectionLog, open_log
from fer_core.datasets.info import DatasetInfo
from fer_core.errors import InputError
from fer_core.review import queues
from fer_core.review.acts import take_acts
from fer_core.review.agreement import VoteAgreement, compare_with_votes
from fer_core.runs.evaluations import find_evaluation
from fer_core.runs.find import get_run
from fer_core.runs.groups import get_group

LISTS: dict[str, str] = {
    "suspects": "suspected labels",
    "mistakes": "mistakes of a run",
    "votes": "outvoted labels (FER+)",
    "random": "drawn at random",
}


class Answer(TypedDict):
    """What became of acts: ids that are kept, id -> why it never will be, and why the others have to wait."""

    taken: list[str]
    refused: dict[str, str]
    problem: str | None


def load_log(name: str) -> CorrectionLog:
    """The corrections of the data set; only lines added since the last call are read."""
    return _load_log(name, str(corrections_dir())).refresh()


def answer_acts(acts: Sequence[Mapping[str, Any]]) -> Answer:
    """Writes what the labeller sent, each act once, and returns the part of its data that answers it.

    taken: ids of acts that are kept; refused: id -> why it never will be; problem: why the others have to wait, None
    where nothing is in the way.
    """
    answer: Answer = {"taken": [], "refused": {}, "problem": None}
    for name in dict.fromkeys(str(act.get("dataset")) for act in acts):
        of_set = [act for act in acts if str(act.get("dataset")) == name]
        try:
            dataset = load_dataset(name)
        except InputError as error:
            answer["refused"] |= {str(act.get("id")): str(error) for act in of_set}
            continue
        try:
            answered = take_acts(dataset, load_log(name), of_set)
        except (InputError, OSError) as error:
            answer["problem"] = str(error)
            continue
        answer["taken"] += answered.taken
        answer["refused"] |= answered.refused
    return answer


def load_queue(dataset: str, what: str, of: str = "") -> pd.DataFrame:
    """One of LISTS (`fer_core.review.queues`), `of` a cross-validation or a run."""
    version = name_version(load_dataset(dataset))
    if what == "mistakes":
        version += str(find_evaluation(get_run(of), load_dataset(dataset).info.fingerprint))
    return _load_queue(dataset, what, of, version)


def load_agreement(dataset: str) -> VoteAgreement:
    """Agreement of labels and votes (`fer_core.review.agreement`)."""
    return _load_agreement(dataset, name_version(load_dataset(dataset)))


def count_pending(info: DatasetInfo) -> int:
    """How many lines were added to the data set's own list of corrections since it was assembled."""
    return load_log(info.name).n_lines - info.labels.n_lines


@st.cache_resource(max_entries=8, show_spinner=False)
def _load_log(name: str, folder: str) -> CorrectionLog:
    return open_log(name)


@st.cache_resource(max_entries=8, show_spinner="Searching for faces ...")  # shared, and never changed
def _load_queue(name: str, what: str, of: str, made: str) -> pd.DataFrame:
    dataset = load_dataset(name)
    if what == "suspects":
        return queues.list_suspects(dataset, get_group(of))
    if what == "mistakes":
        return queues.list_mistakes(dataset, get_run(of))
    return queues.list_disagreements(dataset) if what == "votes" else queues.list_random(dataset)


@st.cache_data(max_entries=8, show_spinner=False)
def _load_agreement(name: str, made: str) -> VoteAgreement:
    return compare_with_votes(load_dataset(name))
