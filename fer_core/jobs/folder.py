"""Jobs in separate processes that outlive the page: a folder contains the task, the progress and the outcome.

Runs, searches, assemblies, copy counts, source leakage and learning-rate tests are such folders, with these files:

    job.json       the task (a run has run.json and config.json, a search search.json)
    queued.json    the job waits for its process to be launched; deleted when the work begins
    launched.json  the process that was started for it, and when
    alive.lock     held by the working process; the kernel frees it however the process ends
    process.json   that process
    waiting.json   the process holds the lock and waits for its device
    stop.json      the request to stop, with time and reason; kept until the job is started again
    progress.json, log.txt
    exit.json      the outcome: state, message, seconds

This replaced four mechanisms (runs, searches, jobs of the Data page, learning-rate tests). Where they
differed, these rules apply now:

- **State**: exit.json, then the lock, then Slurm where it has the run, then queued.json, then launched.json, then
  stop.json: the runs' order. A process that vanished leaves work `lost`, as for runs and searches. The Data page's jobs
  called that failed, which hid that nothing was wrong with them. Their word `done` is read as finished, the word of
  the others.
- **Lock**: alive.lock, the name that runs and searches had. The Data page's jobs held job.lock: it counts as well while
  a process of version 0.1 has it. It is held *while* a process waits for its device too. Before, two trainers
  of a run could wait side by side, and the later one wrote "stopped" over the finished run of the other.
- **Starting**: launched.json names the process, so work is running from its launch until that process has the
  lock or is gone. Searches and the Data page's jobs allowed 30 s for it, which a busy machine exceeds; folders of
  version 0.1 keep that rule.
- **Stop before the process exists**: stop.json, the runs' rule. The request is written first and the process looks for
  it after it has written process.json, so either the signal or the file reaches it. Searches refused such a stop,
  the Data page's jobs lost it, learning-rate tests deleted the folder under a process that was just starting.
- **exit.json**: `JobFolder.end` alone writes it. The process that holds the lock calls it whatever happens. Anyone else
  takes the lock first (`end_if_dead`), so that no ending is written over another. Where the disk is full it gives back
  a block kept for this; where even that fails, the work is `lost` and can be resumed.
- **A second process** for the same folder leaves without a trace, as for runs and searches; the Data page's jobs did
  the work twice. A start that finds another at work raises AtWork; of two starts at once the lock lets one through.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import psutil

from fer_core.base.files import explain_full_disk, write_json
from fer_core.base.progress import Progress
from fer_core.errors import InputError
from fer_core.jobs.marks import read_mark
from fer_core.jobs.outcome import Outcome
from fer_core.jobs.processes import (
    find_family,
    find_launched,
    find_process,
    is_starting,
    leave_detached,
    record_child,
    record_process,
    start_detached,
)
from fer_core.jobs.progress import progress_file
from fer_core.jobs.state import Ending, State
from fer_core.jobs.watched import LOCKS, AtWork, WatchedFolder

_SPARE = ".spare"  # given back when the disk is full, so that exit.json fits
_SPARE_BYTES = 8192
_TAKE_S = 5.0  # for another to write how it ended and free the lock


class NothingToDo(InputError):
    """The job ended before this process could start it: it was stopped, or another process did it."""


class JobFolder(WatchedFolder):
    """A job in a folder. Any process may read it and ask it to stop; the one inside `working()` does the work."""

    def start(self, module: str, job: Mapping[str, Any] | None = None) -> None:
        """Starts `python -m module FOLDER` in the background.

        Args:
            module: its main does the work inside `working()`.
            job: the task, replacing everything an earlier job left in the folder; None continues that job.

        Raises:
            AtWork: if a process is working in the folder.
            InputError: if the disk is full.
        """
        with explain_full_disk(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            with self._take(_TAKE_S if self.ending else 1.0):
                self._refuse_starting()
                if job is not None:
                    self._clear()
                    write_json(self.path / "job.json", dict(job))
                self.forget_end()
                command = [sys.executable, "-m", module, str(self.path)]
                self._launch(lambda: leave_detached(command, self.path / "log.txt"))

    def launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Starts a process for the job, for a caller that waits for its end; its output is appended to log.txt.

        Raises:
            AtWork: if a process is working in the folder.
        """
        with self._take(1.0):
            self._refuse_starting()
            return self._launch(lambda: start_detached(command, self.path / "log.txt"))

    def queue(self) -> None:
        """Adds it to the end of the queue, and deletes its earlier outcome."""
        write_json(self.path / "queued.json", {"time": time.time()})
        self.forget_end()

    def forget_end(self) -> None:
        """Deletes its earlier outcome and request to stop."""
        for name in ("stop.json", "exit.json"):
            (self.path / name).unlink(missing_ok=True)

    def stop(self, why: str = "", send: Callable[[], None] | None = None) -> bool:
        """Asks it to stop and returns at once.

        Args:
            why: stored in stop.json, and the beginning of its last message.
            send: notifies the worker; by default SIGTERM to its process.

        Returns:
            Whether it has ended already because no process was working.

        Raises:
            InputError: if it is not active, or `send` fails.
        """
        state = self.state
        if not state.is_active:
            raise InputError(f"{self.path.name} is {state}, so it cannot be stopped.")
        self.ask_to_stop(why)
        try:
            (send or self.interrupt)()
        except InputError:
            (self.path / "stop.json").unlink()
            raise
        if self.is_held or (self.ask_elsewhere and state is State.RUNNING):
            return False
        return self.end_if_dead(State.STOPPED, why or "stopped before it began", wait_s=1.0)

    def ask_to_stop(self, why: str = "") -> None:
        """Writes the request to stop without notifying the worker."""
        write_json(self.path / "stop.json", {"time": time.time(), "why": why})

    def wait(self, timeout_s: float) -> None:
        """Waits at most `timeout_s` until its process on this machine has ended; returns at once if there is none."""
        process = find_process(self.path / "process.json") or find_launched(self.path)
        if process:
            with suppress(psutil.TimeoutExpired, psutil.NoSuchProcess):
                process.wait(timeout_s)

    def interrupt(self) -> None:
        """Sends SIGTERM to its process, if there is one."""
        process = find_process(self.path / "process.json")
        if process:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)

    def kill(self, message: str) -> None:
        """Kills its processes and all their children at once."""
        family = find_family(self.path / "process.json")
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        if family:
            psutil.wait_procs(family, timeout=10)
            self.end_if_dead(State.STOPPED, message)

    def end(self, state: State, message: str, seconds: float | None = 0.0) -> None:
        """Writes exit.json and dequeues the job; for the working process, and for jobs finished on creation."""
        document = Ending(state=state, message=message, seconds=seconds).document()
        try:
            write_json(self.path / "exit.json", document)
        except InputError:  # the disk is full
            (self.path / _SPARE).unlink(missing_ok=True)
            write_json(self.path / "exit.json", document)
        for name in ("queued.json", "waiting.json", _SPARE):
            (self.path / name).unlink(missing_ok=True)

    def end_if_dead(self, state: State, message: str, wait_s: float = _TAKE_S) -> bool:
        """Calls `end` unless it has ended or a process is working; returns whether it has ended now."""
        try:
            with self._take(wait_s):
                if self.ending is None:
                    self.end(state, message)
                return True
        except AtWork:
            return False

    def forget(self) -> None:
        """Deletes the folder.

        Raises:
            InputError: if it is active.
        """
        state = self.state
        if state.is_active:
            raise InputError(f"{self.path.name} is {state}. Stop it first, then delete it.")
        with self._take(_TAKE_S):
            shutil.rmtree(self.path)

    @contextmanager
    def working(self, listens: bool = False, launched: bool = False, wait_s: float = 1.0) -> Iterator[Outcome]:
        """A context for doing the work: takes the lock, writes process.json, and always writes exit.json.

        Args:
            listens: the block handles SIGTERM itself; otherwise SIGTERM raises Stopped inside the block.
            launched: the parent process also belongs to the job (torchrun).
            wait_s: time to wait for another process that is about to end.

        Yields:
            The outcome, whose message the block can set; after the block, which raises nothing, it has the final state.

        Raises:
            AtWork: if another process is working.
            NothingToDo: if it ended, or was asked to stop, before this process could begin.
        """
        began, before = time.time(), self.ending
        outcome = Outcome(log=self.path / "log.txt")
        with self._take(wait_s), nullcontext() if listens else outcome.interrupted_by_sigterm():
            self._begin(before, launched)
            try:
                with outcome.catch():
                    yield outcome
            finally:
                self.end(outcome.state, outcome.message, round(time.time() - began, 1))

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A context inside `working()`: the job waits for its device and is `queued` meanwhile."""
        write_json(self.path / "waiting.json", {"time": time.time()})
        try:
            yield
        finally:
            (self.path / "waiting.json").unlink(missing_ok=True)
        (self.path / "queued.json").unlink(missing_ok=True)

    def _refuse_starting(self) -> None:
        if is_starting(self.path) and self.ending is None:
            raise self._at_work()

    def _launch(self, start: Callable[[], subprocess.Popen[bytes] | None]) -> Any:
        (self.path / "process.json").unlink(missing_ok=True)
        child = start()
        record_child(self.path / "launched.json", child)
        return child

    def _begin(self, before: Ending | None, launched: bool) -> None:
        """Writes process.json and deletes the earlier outcome, unless another process has the job or it has ended."""
        other = find_launched(self.path)
        if other and other not in (me := psutil.Process(), *me.parents()):
            raise NothingToDo(f"Process {other.pid} was started later for {self.path} and does the work.")
        record_process(self.path / "process.json", launched)
        now = self.ending
        if self.is_asked_to_stop:  # looked for after process.json: from now on a stop sends a signal
            if now is None:
                asked = read_mark(self.path / "stop.json")
                self.end(State.STOPPED, (asked and asked.why) or "stopped before it began")
            raise NothingToDo(f"{self.path.name} was stopped before it began. Start it again to continue.")
        if now is not None and now != before:
            raise NothingToDo(f"{self.path.name} has already ended ({now.state}), so there is nothing to do.")
        (self.path / "exit.json").unlink(missing_ok=True)
        (self.path / "waiting.json").unlink(missing_ok=True)
        with suppress(OSError):  # a full disk: the work itself will say so
            (self.path / _SPARE).write_bytes(os.urandom(_SPARE_BYTES))

    def _clear(self) -> None:
        """Deletes everything an earlier job left, except the lock, which this process holds."""
        for path in self.path.iterdir():
            if path.name not in LOCKS:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def run_job(folder: Path, work: Callable[[dict[str, Any], Progress], object]) -> None:
    """Calls work(job, progress) in this process, which `JobFolder.start` started for the folder."""
    job = JobFolder(folder)
    with suppress(AtWork, NothingToDo), job.working() as outcome:
        outcome.if_stopped = "Nothing was changed."
        work(job.read_job(), progress_file(folder))
