"""One active run of the table: its processes, and a thread that waits for them.

Training is an ordinary run, started and watched as in the queue. It survives a killed `fer results run`, which
later finds it again, running or stopped.
"""

import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any

from fer_core.errors import InputError
from fer_core.jobs.processes import child_environment
from fer_core.jobs.state import State
from fer_core.runners import local, submit
from fer_core.runners.launch import start_trainer
from fer_core.runners.supervisor import grace_is_over, watch
from fer_core.runs.run import Run
from fer_core.studies.results.entries import Entry
from fer_core.studies.results.rows import Row, name_run

_POLL_S = 0.5


class Halted(Exception):
    """The run was stopped before its end; the next call continues it."""


class Job:
    """One run of a row. Its worker thread calls `train` and `call`; the controlling thread calls the rest."""

    def __init__(self, row: Row, seed: int | None, lane: int = 0) -> None:
        self.row, self.seed, self.lane = row, seed, lane
        self.began: float | None = None  # of time.monotonic: when a process of it got to work, and not just in line
        self.run: Run | None = None
        self.entry: Entry | None = None
        self.error = ""  # why there is no entry
        self.is_halted = False  # by a stop, so that it goes on next time
        self._child: subprocess.Popen[Any] | None = None
        self._why = ""  # it is to stop
        self._lock = threading.Lock()  # between a stop and the start of a process

    @property
    def title(self) -> str:
        """The row's name, with the seed if there is one."""
        return name_run(self.row, self.seed)

    def train(self, run: Run) -> None:
        """Trains the run, or waits for the process that trains it; returns when it has finished.

        Raises:
            Halted: if it was stopped.
            InputError: if it failed, or its data set has changed.
        """
        self.run = run
        state = run.state
        if state is State.FINISHED:
            return
        if state.is_active:
            self._follow(run)
        else:
            from fer_core.runs.origins.lineage import refuse_other_faces  # pandas

            refuse_other_faces(run, run.open_dataset())
            with self._lock:
                self._refuse_stopped()
                run.job.forget_end()
                child = self._child = start_trainer(run, self.lane)
            watch(run, child)
        state, message = run.state, run.job.message
        if state is State.STOPPED or (self._why and state is not State.FINISHED):
            raise Halted(self._why or message)
        if state is not State.FINISHED:
            raise InputError(message or f"{run.run_id} is {state}; see its log.")

    def call(self, arguments: list[str]) -> dict[str, Any]:
        """The document that `fer ARGUMENTS --json` prints, run in a separate process.

        Raises:
            Halted: if it was stopped.
            InputError: with the command's error message.
        """
        command = [sys.executable, "-m", "fer_core", *arguments, "--json"]
        with self._lock:
            self._refuse_stopped()
            self.began = self.began or time.monotonic()
            child = self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,  # a Ctrl-C in the terminal is for the one that steers
                env=child_environment(),
            )
        out, err = child.communicate()
        if self._why:
            raise Halted(self._why)
        if child.returncode:
            lines = err.strip().splitlines() or [f"fer {arguments[0]} ended with code {child.returncode}."]
            raise InputError(lines[-1].removeprefix("fer: "))
        return json.loads(out)

    def look(self) -> None:
        """Records when the run has got its device."""
        if self.began is None and self.run and self.run.state is State.RUNNING:
            self.began = time.monotonic()

    def stop(self, why: str) -> None:
        """Asks its processes to stop, a training run with a checkpoint. Further calls have no effect."""
        with self._lock:
            if self._why:
                return
            self._why = why
            if self._child is None:
                return
            if self.run and self.run.exit is None:
                self.run.job.ask_to_stop(why)
            self._child.terminate()

    def kill(self) -> None:
        """Ends its processes at once."""
        self.stop("killed")
        if self.run and self.run.state.is_active:
            submit.kill(self.run)
        if self._child:
            self._child.kill()

    def _follow(self, run: Run) -> None:
        """Waits for a run that another process trains; on a stop, stops it only if it was made for this table."""
        is_ours, asked, tick = run.info.results_row is not None, False, threading.Event()
        local.reconcile()  # a queue whose supervisor was killed waits for one
        while run.state.is_active:
            if self._why and not is_ours:
                raise Halted(f"{self._why}; {run.run_id} continues, because this command did not start it")
            if self._why and not asked:
                asked = True
                with suppress(InputError):  # it has ended by now
                    submit.cancel(run, self._why)
            if asked and grace_is_over(run):
                submit.kill(run)
            tick.wait(_POLL_S)  # a process that is no child sends no event

    def _refuse_stopped(self) -> None:
        if self._why:
            raise Halted(self._why)
