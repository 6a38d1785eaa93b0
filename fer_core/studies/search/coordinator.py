"""Runs a search: asks Optuna for values, queues a run for them, and reports the results to Optuna.

It runs in its own process, `python -m fer_core.studies.search.coordinator FOLDER`.

Its whole state is in the journal and in the runs' folders, so a killed coordinator can be replaced by another as if
nothing had happened. The value of a trial is its best validation accuracy; test scores are never used.
"""

import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_core.base.text import percent
from fer_core.base.workspace import runs_dir
from fer_core.errors import InputError
from fer_core.jobs.folder import NothingToDo
from fer_core.jobs.outcome import Stopped
from fer_core.jobs.processes import is_locked
from fer_core.jobs.state import State
from fer_core.jobs.watched import AtWork
from fer_core.runners import local, slurm, submit
from fer_core.runners.slurm import SlurmOptions
from fer_core.runs.config import TrainConfig
from fer_core.runs.create import create_run
from fer_core.runs.find import list_runs
from fer_core.runs.run import Run, split_metrics
from fer_core.studies.search.searches import STOPPED, Search
from fer_core.studies.search.start import usable_devices
from fer_core.studies.search.study import build_sampler, open_study

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

_POLL_S = 1.0
_WAIT_S = 30  # for a coordinator that is about to end


class Coordinator:
    """The coordinator of one search."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.info, self.ranges = search.info, search.ranges
        base = search.config(0, {})
        n_epochs = None if any(r.field == "epochs" for r in self.ranges) else base.epochs
        self.study = open_study(search.journal, n_epochs)
        self.devices = usable_devices(base.device)
        self.on_slurm = SlurmOptions(**options) if (options := self.info.get("slurm")) else None

    def work(self, stopped: threading.Event) -> str:
        """Runs trials until all have ended; returns the final message.

        Raises:
            Stopped: once `stopped` is set.
        """
        local.reconcile()
        while not stopped.is_set():
            self.step()
            if not self._at_work() and len(self._trials()) >= self.info["n_trials"]:
                return self._say_best()
            stopped.wait(_POLL_S)
        for trial in self._at_work():
            if "run" in trial.user_attrs:
                with suppress(InputError):  # it has ended by now
                    submit.cancel(_run_of(trial), STOPPED)
        raise Stopped

    def step(self) -> None:
        """Updates the running trials, and starts new ones if devices are free."""
        begun: list[Run] = []
        for trial in self._at_work():
            if "run" in trial.user_attrs:
                self._follow(trial)
            else:  # a coordinator was killed before it made the run
                begun += self._begin(trial)
        n_free = self.info["parallel"] - len(self._at_work())
        for _ in range(min(n_free, self.info["n_trials"] - len(self._trials()))):
            self.study.ask()
            begun += self._begin(self._trials()[-1])
        if begun:
            submit.enqueue(begun)

    def _begin(self, frozen: "FrozenTrial") -> list[Run]:
        """Draws the trial's values and creates its run for the queue, in an order in which a kill loses nothing.

        Returns:
            The run; None if the values are incompatible.
        """
        self.search.refuse_other_data()
        self.study.sampler = build_sampler(self.info["seed"], frozen.number)
        trial = self._open(frozen)
        try:
            values = {r.field: r.suggest(trial) for r in self.ranges}
            config = self._place(self.search.config(frozen.number, values))
            about = {"search": self.search.name, "trial": frozen.number}
            run = create_run(config, f"trial {frozen.number} of the search {self.search.name}", about)
        except InputError as error:
            self._tell(frozen, "FAIL", str(error))
            return []
        if self.on_slurm:
            slurm.write_options(run, self.on_slurm)
        trial.set_user_attr("run", run.run_id)
        return [run]

    def _follow(self, trial: "FrozenTrial") -> None:
        """Reports a run's new epochs, and acts on its state."""
        run = _run_of(trial)
        if not (run.path / "run.json").is_file():
            self._tell(trial, "FAIL", "its run was deleted")
            return
        state = run.state  # before the epochs: those of a run that has ended are complete
        why = self._report(trial, run)
        if state is State.FINISHED:
            self._tell(trial, "COMPLETE")
        elif state is State.FAILED:
            self._tell(trial, "FAIL", run.job.message)
        elif state is State.STOPPED and run.why_stopped == STOPPED:
            submit.resume(run)
        elif state is State.STOPPED:
            self._tell(trial, "PRUNED" if run.why_stopped else "FAIL", run.why_stopped or "stopped by a person")
        elif state is State.LOST and self._is_abandoned(run):
            submit.resume(run)
        elif why and not run.why_stopped:
            with suppress(InputError):  # it has ended by now
                submit.cancel(run, why)

    def _report(self, frozen: "FrozenTrial", run: Run) -> str:
        """Reports new epochs to Optuna; returns why the run should be pruned, or an empty string."""
        epochs, _ = split_metrics(run.metrics())
        new = [line for line in epochs if line.epoch not in frozen.intermediate_values]
        if not new:
            return ""
        trial = self._open(frozen)
        for line in new:
            trial.report(line.val_accuracy, line.epoch)
        if new[-1].epoch >= run.config.epochs or not trial.should_prune():
            return ""
        best = max(line.val_accuracy for line in epochs)
        return (
            f"pruned by the search {self.search.name}: after epoch {new[-1].epoch} its best validation accuracy, "
            f"{percent(best)}, is below the median of the earlier trials"
        )

    def _tell(self, frozen: "FrozenTrial", state: str, message: str = "") -> None:
        from optuna.trial import TrialState

        self._open(frozen).set_user_attr("message", message)
        values = self._trials()[frozen.number].intermediate_values.values()
        self.study.tell(frozen.number, max(values) if state == "COMPLETE" else None, TrialState[state])

    def _open(self, frozen: "FrozenTrial") -> Any:
        """A writable handle of the trial; Optuna's only way to a trial that another process asked for."""
        from optuna.trial import Trial

        return Trial(self.study, frozen._trial_id)

    def _trials(self) -> "list[FrozenTrial]":
        return self.study.get_trials(deepcopy=False)

    def _at_work(self) -> "list[FrozenTrial]":
        return [trial for trial in self._trials() if not trial.state.is_finished()]

    def _place(self, config: TrainConfig) -> TrainConfig:
        """The config with its device: Slurm's, or the device of this machine with the fewest active runs."""
        if self.on_slurm:
            return slurm.place(config, self.on_slurm)
        own = {trial.user_attrs.get("run") for trial in self._at_work()}
        busy = [run.device for run in list_runs() if run.run_id in own or run.state.is_active]
        return config.model_copy(update={"device": min(self.devices, key=busy.count)})

    def _is_abandoned(self, run: Run) -> bool:
        """True if neither a trainer nor a supervisor has the run; a second check catches an end written meanwhile."""
        return not is_locked(local.supervisor_lock(run.device, run.path.parent)) and run.state is State.LOST

    def _say_best(self) -> str:
        complete = [trial for trial in self._trials() if trial.state.name == "COMPLETE"]
        if not complete:
            return "no trial has finished"
        best = self.study.best_trial
        return f"best: trial {best.number} with a validation accuracy of {best.value:.4f}"


def _run_of(trial: "FrozenTrial") -> Run:
    return Run(runs_dir() / trial.user_attrs["run"])


def coordinate(search: Search, stopped: threading.Event) -> None:
    """Runs the search and always writes exit.json; does nothing if another process runs it."""
    with suppress(AtWork, NothingToDo), search.job.working(listens=True, wait_s=_WAIT_S) as outcome:
        outcome.if_stopped = "stopped; resume continues its runs from their last checkpoints"
        outcome.message = Coordinator(search).work(stopped)


def main(folder: Path) -> None:
    """Runs the search in `folder` until it ends or receives SIGTERM."""
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.set())
    coordinate(Search(folder), stopped)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
