"""A learning-rate range test on the Train page: progress, figure, and a button that uses its rate in the form."""

from collections.abc import Callable

import streamlit as st

from dashboard.figures.lr_range import plot_lr_range
from dashboard.shared.form_words import in_form_words
from dashboard.shared.page import shown_errors
from dashboard.theme import CHART_CONFIG
from fer_core.jobs.state import State
from fer_core.runs.run import Run
from fer_core.studies.lr_range import LrRange
from fer_core.studies.lr_range_job import (
    explain_end,
    forget_lr_range,
    list_lr_ranges,
    read_progress,
    read_result,
    stop_lr_range,
)


@st.fragment(run_every=1.0)
def show_lr_range(use_rate: Callable[[float], None]) -> None:
    """Draws the newest range test, if there is one.

    Args:
        use_rate: sets the learning rate in the form.
    """
    with shown_errors():
        for run in list_lr_ranges()[:1]:
            state, result = run.state, read_result(run)
            if state.is_active:
                _show_progress(run, state)
                return
            if result is not None:
                _show_curve(run, result)
            else:
                st.info(in_form_words(explain_end(run)), icon=":material/search_off:")
            with st.container(horizontal=True):
                rate = result.suggested if result else None
                if rate and st.button(f"Use {rate:g}", key="train.lr.use", on_click=use_rate, args=(rate,)):
                    st.rerun()
                if st.button("Dismiss", key="train.lr.dismiss"):
                    forget_lr_range(run)
                    st.rerun(scope="fragment")


def _show_progress(run: Run, state: State) -> None:
    done, n_steps = read_progress(run)
    words = f"waiting for {run.device}" if state is State.QUEUED else f"{done} of {n_steps} learning rates"
    st.progress(done / n_steps, f"**{run.title}** · {words}")
    if st.button("Stop", key="train.lr.stop", icon=":material/stop:"):
        stop_lr_range(run)


def _show_curve(run: Run, result: LrRange) -> None:
    st.plotly_chart(plot_lr_range(result), key="train.lr.figure", config=CHART_CONFIG)
    st.markdown(f"**{run.title}**, {run.config.optimizer}, {run.config.dataset}: {in_form_words(result.sentence)}")
    st.caption("This is a starting rate: with warm-up (one_cycle, or warmup_epochs) a higher peak often works.")
