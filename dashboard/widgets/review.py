"""One face at a time, a button and a key for each expression: what a person decides is written at once."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.figures.probabilities import compute_probabilities, plot_probabilities
from dashboard.services.corrections import LISTS, load_log, load_queue
from dashboard.services.datasets import load_dataset, load_face
from dashboard.theme import CHART_CONFIG
from dashboard.widgets.faces import enlarge
from dashboard.widgets.label_buttons import (
    WHERE_KEYS_GO,
    drop_button,
    expression_buttons,
    tell_held_back,
    undo_button,
)  # fmt: skip
from dashboard.widgets.labels import show_pending
from dashboard.widgets.page import shown_errors
from fer_core.corrections.log import DROP, Correction, to_table
from fer_core.corrections.queues import OPINIONS
from fer_core.errors import InputError
from fer_core.wording import count_of

SIDE_PX = 384
N_LAST = 8
SKIPPED = "review.skipped"  # face_ids passed over in this session


@st.fragment
def show_review(dataset: str, what: str, of: str, split: str, who: str) -> None:
    """The next face of the list that nobody has decided on, the last decisions, and what is not assembled yet.

    Args:
        dataset: its name.
        what: one of LISTS.
        of: the cross-validation or run behind the list, "" for the others.
        split: of the faces, or all.
        who: decides.
    """
    with shown_errors():
        queue = load_queue(dataset, what, of)
        if split != "all":
            queue = queue[queue["split"] == split]
        standing = list(load_log(dataset).standing.values())
        decided = {c.face_id for c in standing if c.kind == "person"}
        done = queue["face_id"].isin(decided).to_numpy()
        open_ = queue[~done & ~queue["face_id"].isin(st.session_state.get(SKIPPED, ())).to_numpy()]
        face, history = st.columns([7, 2], gap="medium")
        with face:
            _show_progress(len(queue), int(done.sum()), len(queue) - int(done.sum()) - len(open_))
            if len(open_):
                picture = st.container()
                _show_buttons(dataset, open_.iloc[0], f"{LISTS[what]} {of}".strip(), who)
                with picture:
                    _show_face(dataset, open_.iloc[0], what)
        with history:
            _show_history(dataset, [c for c in standing if c.kind == "person"], who)
        show_pending(load_dataset(dataset))


def _show_progress(n: int, n_done: int, n_skipped: int) -> None:
    if not n:
        st.info("No face is in this list. Choose another list, or another split.", icon=":material/lightbulb:")
        return
    st.progress(n_done / n, f"{n_done:,} of {n:,} decided" + (f", {n_skipped:,} skipped" if n_skipped else ""))
    if n_done + n_skipped == n:
        st.success("All faces of this list have been seen.", icon=":material/check:")
    if n_skipped:
        st.button("Show the skipped faces again", key="review.unskip", icon=":material/replay:", on_click=_unskip)


def _show_face(dataset: str, face: pd.Series, what: str) -> None:
    picture, opinions = st.columns([1, 1])
    picture.image(
        enlarge(_load_pixels(dataset, face), SIDE_PX),
        alt=f"face labelled {face['expression']}",
    )
    with opinions:
        suggested = f", suggested **{face['suggested']}**" if face["suggested"] else ""
        st.markdown(f"labelled **{face['expression']}**{suggested}")
        shares = face[OPINIONS].to_numpy(float)
        if np.isfinite(shares).all():
            figure = plot_probabilities(compute_probabilities(shares))
            if what in ("votes", "random"):
                figure.update_xaxes(title="share of the votes")
            st.plotly_chart(figure, key="review.bars", config=CHART_CONFIG)
        st.caption(f"`{face['face_id']}` · {face['split']}")


def _load_pixels(dataset: str, face: pd.Series) -> np.ndarray:
    pixels = load_face(dataset, face["face_id"], face["sha256"][:16])
    if pixels is None:  # between the list and this face the data set was assembled again
        raise InputError(f"{face['face_id']} is no longer in the data set {dataset}. Reload the page.")
    return pixels


def _show_buttons(dataset: str, face: pd.Series, why: str, who: str) -> None:
    """1 to 7, then 0 to drop, S to skip, U to undo: each a button whose key presses it."""
    expression_buttons(dataset, face, why, who, "review")
    with st.container(horizontal=True):
        drop_button(dataset, face, why, who, "review")
        st.button(
            "Skip", key="review.skip", shortcut="S", icon=":material/skip_next:", on_click=_skip,
            args=(str(face["face_id"]),),
        )  # fmt: skip
    st.caption(WHERE_KEYS_GO)
    tell_held_back(load_dataset(dataset).info["recipe"], face["split"])


def _skip(face_id: str) -> None:
    st.session_state.setdefault(SKIPPED, set()).add(face_id)


def _unskip() -> None:
    st.session_state.pop(SKIPPED, None)


def _show_history(dataset: str, decisions: list[Correction], who: str) -> None:
    n_changed = sum(c.expression not in (DROP, c.before) for c in decisions)
    n_dropped = sum(c.expression == DROP for c in decisions)
    st.markdown(f"**{count_of(len(decisions), 'decision')}**: {n_changed:,} changed, {n_dropped:,} left out")
    if not decisions:
        st.caption("Press 1 to 7 for the expressions in their order, 0 to leave a face out, S to skip, U to undo.")
        return
    last = decisions[-1]
    undo_button(dataset, last, who, "Undo the last", "review.undo", shortcut="U", icon=":material/undo:")
    for correction in reversed(decisions[-N_LAST:]):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"{correction.before} → **{correction.expression}**  \n:small[`{correction.face_id}`]")
            undo_button(dataset, correction, who, "Undo", f"review.undo.{correction.correction_id}", type="tertiary")
    st.download_button(
        "Decisions as CSV", lambda: to_table(decisions).to_csv(index=False), f"{dataset}-decisions.csv", "text/csv",
        key="review.csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
