"""Which list of faces to go through, and how the labels agree with votes."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.figures.agreement import plot_agreement
from dashboard.services.corrections import LISTS, load_agreement
from dashboard.services.datasets import load_dataset
from dashboard.services.runs import has_predictions
from dashboard.theme import CHART_CONFIG
from fer_core.corrections.log import this_person
from fer_core.data.dataset import MAJORITY
from fer_core.extras import has_extra
from fer_core.kfold import list_groups
from fer_core.runs import list_runs


def pick_list(dataset: str) -> tuple[str, str, str, str]:
    """(one of LISTS, the cross-validation or run behind it, split, who decides). The choice is also in the link."""
    behind = {"suspects": _find_groups(dataset), "mistakes": _find_runs(dataset)}
    has_votes = MAJORITY in load_dataset(dataset).table
    lists = [what for what in LISTS if behind.get(what, what != "votes" or has_votes)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        what = st.selectbox("Faces", lists, format_func=LISTS.__getitem__, key=f"review.list.{dataset}")
        of = ""
        if what in behind:
            of = st.selectbox(
                "of", list(behind[what]), format_func=behind[what].__getitem__, key=f"review.of.{dataset}.{what}"
            )
        split = st.selectbox("Split", ["all", "train", "val", "test"], key="review.split", bind="query-params")
        who = st.text_input("Your name", this_person(), key="review.who", help="is written beside each decision")
    missing = []
    if not behind["suspects"]:
        missing.append(
            f"suspected labels need a finished cross-validation (`fer kfold --dataset {dataset} --folds 5`)"
            if has_extra("labels")
            else "suspected labels need cleanlab (`pip install -e '.[labels]'`)"
        )
    if not behind["mistakes"]:
        missing.append("mistakes need a finished run")
    if not has_votes:
        missing.append("votes need `fer2013new.csv` (FER+) beside `fer2013.csv`")
    if missing:
        st.caption(f"There are more lists than these: {'; '.join(missing)}.")
    return what, of, split, who


def show_agreement(dataset: str) -> None:
    """A heatmap of label by majority, and the classes one by one; nothing for a data set without votes."""
    if MAJORITY not in load_dataset(dataset).table:
        return
    with st.expander("Agreement of the labels with votes (FER+)", icon=":material/how_to_vote:"):
        found = load_agreement(dataset)
        outside = ", ".join(f"{n:,} {what}" for what, n in found["outside"].items())
        st.markdown(
            f"**{found['agreement']:.1%}** of {found['n']:,} faces are called what most votes say"
            + (f"; beside them {outside}." if outside else ".")
        )
        matrix, classes = st.columns([3, 2])
        figure = plot_agreement(found["table"], dark=st.context.theme.type == "dark")
        matrix.plotly_chart(figure, key="review.agreement", config=CHART_CONFIG)
        classes.dataframe(_table(found), hide_index=True, key="review.classes", column_config=_COLUMNS)
        classes.caption("Entropy of a face's votes in bits: 0 where all say the same, 2.81 where all differ.")


_COLUMNS = {
    "Agreement": st.column_config.NumberColumn(format="percent"),
    "Entropy": st.column_config.NumberColumn(format="%.2f", help="mean over the class, bits"),
}


def _table(found: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Labelled": [c["expression"] for c in found["classes"]],
            "Faces": [c["n"] for c in found["classes"]],
            "Agreement": [c["agreement"] for c in found["classes"]],
            "Entropy": [c["entropy_bits"] for c in found["classes"]],
        }
    )


def _find_groups(dataset: str) -> dict[str, str]:
    """Id -> title of this data set's finished cross-validations, the newest first; none where cleanlab is missing."""
    if not has_extra("labels"):
        return {}
    groups = [group for group in list_groups() if group.info["dataset"] == dataset]
    return {
        group.group_id: f"{group.info['title']}, {group.info['folds']} folds · {group.group_id[:15]}"
        for group in groups
        if len(group.runs) == group.info["folds"] and all(run.state == "finished" for run in group.runs)
    }


def _find_runs(dataset: str) -> dict[str, str]:
    return {
        run.run_id: f"{run.title} · {run.run_id[:15]}"
        for run in list_runs()
        if run.info["dataset"] == dataset and has_predictions(run)
    }
