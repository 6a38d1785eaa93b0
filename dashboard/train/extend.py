"""Continuing a finished run: the number of epochs, the effect, and the button."""

import streamlit as st

from dashboard.shared.page import shown_errors
from fer_core.jobs.state import State
from fer_core.runners import submit
from fer_core.runs.extend import command_of_extension, describe_extension, extend_config
from fer_core.runs.find import get_run
from fer_core.runs.run import Run
from fer_core.runs.run_weights import explain_no_weights


def show_extension(run: Run, where: str) -> None:
    """Draws the box behind "Continue training" for a finished run; nothing for other runs.

    If the weights file is missing, a line says so instead.

    Args:
        run: the run to continue.
        where: the page; the new run becomes the choice under the key `<where>.run`.
    """
    if run.members or run.state is not State.FINISHED:
        return
    if not run.best_weights.is_file():
        st.caption(f"This run cannot be continued. {explain_no_weights(run.best_weights)}")
        return
    with st.popover("Continue training", icon=":material/fast_forward:"), shown_errors():
        epochs = int(
            st.number_input("More epochs", 1, 5000, run.config.epochs, key=f"{where}.extend.epochs.{run.run_id}")
        )
        st.markdown(describe_extension(run, extend_config(run, epochs)))
        st.button(
            "Start",
            key=f"{where}.extend.{run.run_id}",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_start,
            args=(run.run_id, epochs, where),
        )
        st.caption("To choose another rate or schedule, add --set learning_rate=... to the command:")
        st.code(command_of_extension(run, epochs), language="bash", wrap_lines=True)


def _start(run_id: str, epochs: int, where: str) -> None:
    """Queues the new run and chooses it; a callback, because the page's picker has already been drawn."""
    with shown_errors():
        run = get_run(run_id)
        made = submit.submit(extend_config(run, epochs), command_of_extension(run, epochs))
        st.session_state[f"{where}.run"] = made.run_id
        st.toast(f"{made.title} is queued on {made.device}.", icon=":material/rocket_launch:")
