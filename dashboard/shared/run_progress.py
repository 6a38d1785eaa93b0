"""Runs in progress: progress, curves, log, and buttons to stop and resume them. Refreshes automatically."""

import streamlit as st

from dashboard.figures.curves import compute_curves, plot_curves
from dashboard.figures.live_loss import compute_live_loss, plot_live_loss
from dashboard.shared.diagnosis import show_diagnosis
from dashboard.shared.page import shown_errors
from dashboard.theme import CHART_CONFIG
from fer_core.base.text import percent
from fer_core.jobs.state import State
from fer_core.runners import submit
from fer_core.runners.local import list_queue
from fer_core.runs.absent import explain_absent, read_absent
from fer_core.runs.find import get_run, list_runs
from fer_core.runs.info import EpochLine, ProgressLine
from fer_core.runs.origins.teacher_progress import read_teacher_progress
from fer_core.runs.run import Run, split_metrics


@st.fragment(run_every=1.0)
def show_active_runs(where: str) -> None:
    """Draws a line of progress for every run that is training, queued or lost."""
    active = [(run, run.state) for run in list_runs()]
    active = [(run, state) for run, state in active if state.is_active or state is State.LOST]
    if not active:
        st.caption("No runs are training or queued.")
    for run, state in active:
        show_progress(run, state)
        show_buttons(run, state, where)


def show_progress(run: Run, state: State) -> None:
    """Draws a bar with epoch, accuracy, speed and time left, or a sentence for other states."""
    epochs, progress = split_metrics(run.metrics())
    if state is State.QUEUED:
        st.progress(0.0, f"**{run.title}** is queued {describe_queue(run)}.")
        return
    if state is State.LOST:
        st.warning(f"**{run.title}**: {state.text} Resume continues from the last checkpoint.")
        return
    if state is State.RUNNING:
        n_steps = progress.n_steps if progress else 1
        done = max(progress.step if progress else 0, epochs[-1].step if epochs else 0)
        st.progress(min(done / n_steps, 1.0), f"**{run.title}** · {describe_progress(run, epochs, progress)}")
        return
    show = {State.FINISHED: st.success, State.FAILED: st.error}.get(state, st.info)
    show(f"**{run.title}** {state}: {run.job.message}")


def describe_queue(run: Run) -> str:
    """What a queued run is waiting for."""
    if run.slurm:
        return f"on Slurm as job {run.slurm.get('job_id', 'to be')}"
    waiting = list_queue(run.device)
    place = waiting.index(run) + 1 if run in waiting else 1  # it may have begun since
    return f"for {run.device}, place {place} in the queue"


def describe_progress(run: Run, epochs: list[EpochLine], progress: ProgressLine | None) -> str:
    """Epoch, latest accuracy, images a second and the time left, as one line."""
    if run.job.is_asked_to_stop:
        return "stopping; it writes a checkpoint first"
    judging = read_teacher_progress(run.path) if progress is None else None
    if judging:
        left = f" · {format_duration(judging['eta_s'])} left" if judging["eta_s"] is not None else ""
        return f"the teacher is classifying the training faces · {percent(judging['share'])} done{left}"
    if progress is None:
        return "starting: loading torch and the faces, choosing the number of threads"
    n_epochs = run.config.epochs
    if len(epochs) == n_epochs:
        return "evaluating the best epoch on the validation and test faces"
    parts = [f"epoch {max(progress.epoch, len(epochs) + 1)} of {n_epochs}"]
    if epochs:
        parts.append(f"validation accuracy {percent(epochs[-1].val_accuracy)}")
    parts.append(f"{progress.images_per_s:,.0f} faces/s")
    parts.append(f"{format_duration(progress.eta_s or 0)} left")
    return " · ".join(parts)


def format_duration(seconds: float) -> str:
    """40 -> "40 s", 3000 -> "50 min", 7500 -> "2 h 5 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def show_buttons(run: Run, state: State, where: str) -> None:
    """Draws Stop or Resume, depending on the state."""
    with st.container(horizontal=True), shown_errors():
        if state.is_active and st.button("Stop", key=f"{where}.stop.{run.run_id}", icon=":material/stop:"):
            st.toast(submit.cancel(run))
        if state.is_resumable and st.button("Resume", key=f"{where}.resume.{run.run_id}", icon=":material/resume:"):
            submit.resume(run)
            st.toast(f"{run.title} is queued again.")


@st.fragment(run_every=1.0)
def watch_run(run_id: str) -> None:
    """Draws one run, live: progress, buttons, curves and the end of its log."""
    with shown_errors():
        run = get_run(run_id)
        state = run.state
        show_progress(run, state)
        show_buttons(run, state, "train")
        lines, absent = run.metrics(), explain_absent(read_absent(run))
        epochs, progress = split_metrics(lines)
        if not epochs and progress:
            st.plotly_chart(plot_live_loss(compute_live_loss(lines)), key="train.live", config=CHART_CONFIG)
        if epochs:
            loss, accuracy = st.columns(2)
            for column, metric in ((loss, "loss"), (accuracy, "accuracy")):
                figure = plot_curves(compute_curves({run.title: epochs}, metric))  # type: ignore[arg-type]
                column.plotly_chart(figure, key=f"train.{metric}", config=CHART_CONFIG)
            show_diagnosis(epochs, run.config, absent)
        elif absent:
            st.warning(absent, icon=":material/person_off:")
        with st.expander("Log", expanded=state is State.FAILED):
            st.code(run.log_tail() or "The log is empty.", language=None)
