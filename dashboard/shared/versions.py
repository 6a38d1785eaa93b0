"""The version of a data set that a page's scores are for, and a button that scores the current one."""

from pathlib import Path

import streamlit as st

from dashboard.services.datasets import load_dataset
from dashboard.shared.form_words import in_form_words
from fer_core.errors import InputError
from fer_core.runs.evaluations import describe_change, find_evaluation
from fer_core.runs.find import get_run
from fer_core.runs.groups import get_group
from fer_core.runs.run import Run

_PRESENT, _EARLIER = "current version", "version used for training"
_ASKED, _BEGUN = 1, 2  # of an evaluation


def pick_version(run: Run, where: str) -> Path:
    """The folder with the report and predictions to show: the run's own, or those for the current version.

    Args:
        run: a run with predictions.
        where: the page, a prefix of the keys.
    """
    try:
        info = load_dataset(run.config.dataset).info
    except InputError:  # the faces' place says so
        return run.path
    sentence = describe_change(info, run.fingerprint, "run")
    if sentence is None:
        return run.path
    present = find_evaluation(run, info.fingerprint)
    if present:
        chosen = st.segmented_control(
            "Scores for the", [_PRESENT, _EARLIER], default=_PRESENT, key=f"{where}.version", required=True,
            help=f"The data set {info.name} was assembled again after this run.",
        )  # fmt: skip
        if chosen == _PRESENT:
            return present
        st.warning(sentence, icon=":material/history:")
        return run.path
    job = f"{where}.rescoring.{run.run_id}"
    if st.session_state.get(job) in (_ASKED, _BEGUN):
        _rescore(run, job)
        st.stop()  # no numbers of the earlier version stand beneath it
    failed = st.session_state.pop(job, None)
    if failed:
        st.error(in_form_words(failed), icon=":material/error:")
    st.warning(f"{sentence} Evaluate again to score the current version.", icon=":material/history:")
    st.button(
        "Evaluate again", key=f"{where}.rescore", icon=":material/refresh:",
        on_click=lambda: st.session_state.update({job: _ASKED}),
    )  # fmt: skip
    return run.path


def tell_version(dataset: str, what: str, of: str) -> None:
    """Draws a note above a review list if it was made on an earlier version of the data set.

    Args:
        dataset: name of the data set.
        what: one of LISTS.
        of: the run or cross-validation behind the list.
    """
    if what == "mistakes":
        run = get_run(of)
        if find_evaluation(run, load_dataset(dataset).info.fingerprint) is None:
            pick_version(run, "review")
    elif what == "suspects":
        prints = {run.fingerprint for run in get_group(of).runs}
        if len(prints) == 1:
            sentence = describe_change(load_dataset(dataset).info, prints.pop(), "cross-validation")
            if sentence:
                st.warning(sentence, icon=":material/history:")


@st.fragment(run_every=1.0)
def _rescore(run: Run, job: str) -> None:
    """Scores the run with a progress bar. Work starts after the page is drawn once, so that old content disappears.

    Args:
        run: the run to score.
        job: key of the session state with the job's stage, removed at the end, or the reason why it failed.
    """
    bar = st.progress(0.0, f"**{run.title}**: loading the network ...")
    if st.session_state[job] == _ASKED:
        st.session_state[job] = _BEGUN
        return
    from fer_core.evaluation.evaluate import rescore_run  # torch: the page has no need of it before

    def progress(done: int, total: int) -> None:
        faces = f"validation and test faces of the current version of {run.config.dataset}"
        bar.progress(min(1.0, done / total), f"**{run.title}**: evaluating the {faces} ...")

    try:
        rescore_run(run, progress)
        del st.session_state[job]
    except (InputError, OSError) as error:
        st.session_state[job] = str(error)
    st.rerun()
