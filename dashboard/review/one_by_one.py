"""Review of a list of faces, one at a time, with a key for each expression; decisions are saved."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.services.corrections import LISTS, load_log, load_queue
from dashboard.services.datasets import load_dataset, name_version
from dashboard.shared.labeller import Sent, read_sent, show_labeller
from dashboard.shared.labelling import (
    RELABEL_ALL,
    answer_sent,
    describe_corrections,
    describe_faces,
    describe_keys,
    draw_pictures,
    read_opinions,
)
from dashboard.shared.page import shown_errors
from dashboard.shared.pending import show_pending
from fer_core.datasets.corrections.log import DROP, Correction, to_table
from fer_core.datasets.dataset import Dataset
from fer_core.review.queues import OPINIONS

KEY = "review.labeller"
N_AHEAD = 80  # faces that the browser holds: eight seconds of ten keys a second without an answer
N_HISTORY, N_PAST = 100, 40  # decisions that the browser knows of, and of how many of these it has the face
EMPTY = "This list is empty. Choose another list or split."


@st.fragment
def show_review(dataset: str, what: str, of: str, split: str, who: str) -> None:
    """Draws the next undecided face of the list, the last decisions, and the corrections that are not applied yet.

    Args:
        dataset: name of the data set.
        what: one of LISTS.
        of: the cross-validation or run behind the list, "" for other lists.
        split: split of the faces, or all.
        who: the reviewer.
    """
    with shown_errors():
        sent = read_sent(KEY)
        answer = answer_sent(sent)
        queue = load_queue(dataset, what, of)
        if split != "all":
            queue = queue[queue["split"] == split]
        if len(queue) and all(load_dataset(dataset).info.recipe.holds_back(of_face) for of_face in set(queue["split"])):
            st.info(
                "All faces in this list are validation or test faces. Their corrections are stored but not "
                f"applied, so that scores stay comparable. To apply them, {RELABEL_ALL}.",
                icon=":material/pause_circle:",
            )
        data = describe_review(load_dataset(dataset), queue, load_log(dataset).standing.values(), sent)
        data |= {
            "list": " · ".join((dataset, name_version(load_dataset(dataset)), what, of, split)),
            "opinions_title": "share of votes" if what in ("votes", "random") else "probability (%)",
            **describe_keys(load_dataset(dataset), who, f"{LISTS[what]} {of}".strip()),
        }
        if show_labeller(KEY, data | answer).revision != sent.revision:
            st.rerun()  # a browser that was connected again: what it has sent is readable only from now on
        _offer_decisions(dataset)
        show_pending(load_dataset(dataset))


def describe_review(dataset: Dataset, queue: pd.DataFrame, standing: Any, sent: Sent) -> dict[str, object]:
    """The next faces, the decisions, and the progress, in the form that the labeller expects.

    Args:
        dataset: the data set with the faces.
        queue: the list, with the columns of `fer_core.review.queues`.
        standing: the corrections in effect, in order.
        sent: the labeller's last message.
    """
    decisions = [c for c in standing if c.kind == "person"]
    is_done = queue["face_id"].isin({c.face_id for c in decisions}).to_numpy()
    coming = queue[~is_done & ~queue["face_id"].isin(sent.skipped).to_numpy()].head(N_AHEAD)["face_id"].tolist()
    past = list(dict.fromkeys(c.face_id for c in decisions[-N_PAST:]))
    seen = queue[queue["face_id"].isin([*coming, *past, *sent.skipped])]
    more = {
        face_id: {"suggested": suggested, "opinions": opinions}
        for face_id, suggested, opinions in zip(
            seen["face_id"], seen["suggested"], read_opinions(seen, OPINIONS), strict=True
        )
    }
    faces, before = (describe_faces(dataset, face_ids, more, more.keys()) for face_ids in (coming, past))
    return {
        "mode": "list",
        "faces": faces,
        "past": before,
        "pictures": draw_pictures(dataset, [*faces, *before], sent.held),
        "history": describe_corrections(decisions[-N_HISTORY:]),
        "counts": {"n": len(queue), "n_done": int(is_done.sum()), **_count_decisions(decisions)},
        "empty": EMPTY,
    }


def _count_decisions(decisions: list[Correction]) -> dict[str, int]:
    return {
        "n_decisions": len(decisions),
        "n_changed": sum(c.expression not in (DROP, c.before) for c in decisions),
        "n_dropped": sum(c.expression == DROP for c in decisions),
    }


def _offer_decisions(dataset: str) -> None:
    """Draws a button that downloads all decisions in effect, read when it is clicked."""
    st.download_button(
        "Decisions as CSV",
        lambda: to_table(c for c in load_log(dataset).standing.values() if c.kind == "person").to_csv(index=False),
        f"{dataset}-decisions.csv", "text/csv", key="review.csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
