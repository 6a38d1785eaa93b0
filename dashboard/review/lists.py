"""The choice of the list of faces to review."""

import streamlit as st

from dashboard.services.corrections import LISTS
from dashboard.services.datasets import load_dataset
from dashboard.services.runs import has_predictions
from dashboard.shared.form_words import CROSS_VALIDATE_BOX
from fer_core.base.extras import has_extra
from fer_core.datasets.corrections.log import this_person
from fer_core.jobs.state import State
from fer_core.runs.find import list_runs
from fer_core.runs.groups import list_groups
from fer_core.sources.records import MAJORITY

_BEHIND = {"suspects": "Cross-validation", "mistakes": "Run"}  # list -> label of the box that chooses what it is of
_HELP = (
    "Suspected labels: found by confident learning in a cross-validation. Mistakes: misclassified by the chosen "
    "run, most confident first. Outvoted labels: the majority of votes (FER+) differs."
)


def pick_list(dataset: str) -> tuple[str, str, str, str]:
    """Draws the choices, kept in the link; returns (one of LISTS, its cross-validation or run, split, reviewer)."""
    behind = {"suspects": _find_groups(dataset), "mistakes": _find_runs(dataset)}
    has_votes = MAJORITY in load_dataset(dataset).table
    lists = [what for what in LISTS if behind.get(what, what != "votes" or has_votes)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.selectbox(
            "Faces", lists, format_func=LISTS.__getitem__, key=f"review.list.{dataset}", help=_HELP, width=220
        )
        of = ""
        if what in behind:
            of = st.selectbox(
                _BEHIND[what], list(behind[what]), format_func=behind[what].__getitem__,
                key=f"review.of.{dataset}.{what}", width=340,
            )  # fmt: skip
        split = st.selectbox(
            "Split", ["all", "train", "val", "test"], key="review.split", bind="query-params", width=110
        )
        who = st.text_input("Your name", this_person(), key="review.who", help="Stored with each decision.", width=200)
    missing = []
    if not behind["suspects"]:
        missing.append(
            f"suspected labels (needs a finished cross-validation: Train page, {CROSS_VALIDATE_BOX})"
            if has_extra("labels")
            else "suspected labels (needs cleanlab: `pip install -e '.[labels]'`)"
        )
    if not behind["mistakes"]:
        missing.append("mistakes of a run (needs a finished run)")
    if not has_votes:
        missing.append("outvoted labels (needs `fer2013new.csv`, FER+, beside `fer2013.csv`)")
    if missing:
        st.caption(f"Lists not available yet: {'; '.join(missing)}.")
    return what, of, split, who


def _find_groups(dataset: str) -> dict[str, str]:
    """Id -> title of this data set's finished cross-validations, newest first; empty if cleanlab is missing."""
    if not has_extra("labels"):
        return {}
    groups = [group for group in list_groups() if group.info.dataset == dataset]
    return {
        group.group_id: f"{group.info.title}, {group.info.folds} folds · {group.group_id[:15]}"
        for group in groups
        if len(group.runs) == group.info.folds and all(run.state is State.FINISHED for run in group.runs)
    }


def _find_runs(dataset: str) -> dict[str, str]:
    return {
        run.run_id: f"{run.title} · {run.run_id[:15]}"
        for run in list_runs()
        if run.info.dataset == dataset and has_predictions(run)
    }
