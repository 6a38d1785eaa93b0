"""Assemblies in progress, and the result of the last one."""

import streamlit as st

from dashboard.shared.changes import describe_changes
from dashboard.shared.form_words import in_form_words
from dashboard.shared.run_progress import format_duration
from fer_core.base.text import count_of
from fer_core.datasets.assembling.job import forget_assembly, list_assemblies, stop_assembly
from fer_core.datasets.counts import FlaggedOut
from fer_core.datasets.info import DatasetInfo
from fer_core.jobs.state import State

_MADE = "data.made"  # the name of the data set that was assembled last in this session


@st.fragment(run_every=1.0)
def show_assemblies() -> None:
    """Draws the progress of every assembly, and those that failed or stopped until they are dismissed."""
    for job in list_assemblies():
        if job.state.is_active:
            share = job.done / job.total if job.total else 0.0
            left = f" · {format_duration(job.eta_s)} left" if job.eta_s else ""
            st.progress(min(share, 1.0), f"**{job.name}** · {job.step}{left}")
            if st.button("Stop", key=f"data.stop.{job.name}", icon=":material/stop:"):
                stop_assembly(job.name)
        elif job.state is State.FINISHED:
            forget_assembly(job.name)
            st.session_state["data.added"] = []
            st.session_state["data.name"] = st.session_state[_MADE] = job.name
            st.rerun()
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.error(f"**{job.name}** {in_form_words(job.ended)}")
                if st.button("Dismiss", key=f"data.forget.{job.name}"):
                    forget_assembly(job.name)
                    st.rerun(scope="fragment")


def show_made(info: DatasetInfo) -> None:
    """Draws the result of the last assembly if it made this data set, until it is dismissed."""
    if st.session_state.get(_MADE) != info.name:
        return
    with st.container(border=True):
        st.markdown(f":material/check: **{info.name} is assembled.** {describe_made(info)}")
        if info.replaced:
            st.markdown(f"Compared with the previous version: {describe_changes(info)}")
        st.button("Dismiss", key="data.made.dismiss", on_click=lambda: st.session_state.pop(_MADE))


def describe_made(info: DatasetInfo) -> str:
    """One line: the number of faces, their sources, and what was excluded."""
    sources = " + ".join(f"{part.n:,} {part.source}" for part in info.sources)
    parts = [f"{count_of(info.n, 'face')} of {info.size_px} px ({sources})"]
    labels, flagged = info.labels, info.quality.left_out if info.quality else FlaggedOut()
    left_out = sum(n for part in info.sources for n in part.left_out.values())
    parts += [
        f"{n:,} {what}"
        for n, what in (
            (left_out, "excluded by class"),
            (info.n_skipped, "bad rows skipped"),
            (info.n_dropped_copies, "copies removed"),
            (labels.n_changed, "labels changed"),
            (labels.n_dropped, "excluded by votes or corrections"),
            (flagged.n, "flagged faces excluded"),
            (info.balance.n_left_out if info.balance else 0, "excluded by caps and balance"),
        )
        if n
    ]
    n_gone = labels.n_changed_left_out
    parts += [f"{n_gone:,} of the changed faces excluded afterwards"] if n_gone else []
    return " · ".join([*parts, f"fingerprint `{info.fingerprint[:16]}`"])
