"""Read access to a job's folder. `fer_core.jobs.folder` has the rules and the functions that change it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from fer_core.base.documents import parse_document
from fer_core.base.files import read_document
from fer_core.errors import InputError
from fer_core.jobs.processes import is_locked, is_starting
from fer_core.jobs.progress import JobStatus, Progressed, read_status
from fer_core.jobs.state import Ending, State

_LOCK, _LOCK_0_1 = LOCKS = ("alive.lock", "job.lock")  # the latter of the Data page's jobs made by version 0.1


class AtWork(InputError):
    """Another process is working in the folder."""


@dataclass(frozen=True)
class WatchedFolder:
    """Read access to a job in a folder.

    Attributes:
        path: the folder.
        ask_elsewhere: returns the state in another machine's queue: queued, running, lost if it no longer knows
            the job, None without an answer.
    """

    path: Path
    ask_elsewhere: Callable[[], State | None] | None = None

    @property
    def ending(self) -> Ending | None:
        """The outcome; None while it has not ended."""
        document = self._read("exit.json")
        return None if document is None else Ending.read(document, self.path / "exit.json")

    @property
    def is_held(self) -> bool:
        """Whether a process on this machine works in the folder, or waits there for its device."""
        return any(is_locked(self.path / name) for name in LOCKS)

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether it was asked to stop since it was last started."""
        return (self.path / "stop.json").is_file()

    @property
    def state(self) -> State:
        """The job's state; `fer_core.jobs.folder` has the rules."""
        ending = self.ending
        if ending:
            return ending.state
        if self.is_held:
            return State.QUEUED if (self.path / "waiting.json").is_file() else State.RUNNING
        return self._state_unheld()

    @property
    def message(self) -> str:
        """Why it ended, as a sentence; empty while it is active."""
        ending, state = self.ending, self.state
        return "" if state.is_active else (ending.message if ending else state.text)

    def read_status(self) -> JobStatus:
        """State, progress and message; with an unreadable file the state is failed, and the message names it."""
        try:
            document = self._read("progress.json")
            progress = None if document is None else parse_document(document, Progressed, self.path / "progress.json")
            return read_status(self.state, self.message, progress)
        except InputError as error:
            return read_status(State.FAILED, str(error), None)

    def read_job(self) -> Any:
        """The job that was passed to `start`."""
        return read_document(self.path / "job.json")

    def _state_unheld(self) -> State:
        """The state of a job without an outcome whose lock is free."""
        elsewhere = self.ask_elsewhere() if self.ask_elsewhere else None
        if elsewhere in (State.RUNNING, State.QUEUED):
            return elsewhere
        if elsewhere is None and (self.path / "queued.json").is_file():
            return State.QUEUED
        if elsewhere is None and is_starting(self.path):
            return State.RUNNING
        ending = self.ending  # once more: it may have ended meanwhile
        if ending:
            return ending.state
        return State.STOPPED if self.is_asked_to_stop else State.LOST

    @contextmanager
    def _take(self, wait_s: float) -> Iterator[None]:
        """Holds the lock inside the block; raises AtWork if another process holds it for longer than `wait_s`."""
        lock = FileLock(self.path / _LOCK)
        try:
            lock.acquire(timeout=wait_s, poll_interval=0.02)
        except Timeout as error:
            raise self._at_work() from error
        try:
            if is_locked(self.path / _LOCK_0_1):
                raise self._at_work()
            yield
        finally:
            lock.release()

    def _at_work(self) -> AtWork:
        return AtWork(f"Another process is working in {self.path}. Wait until it finishes, or stop it.")

    def _read(self, name: str, *fields: str) -> Any:
        """The document of that name; None if there is none."""
        try:
            return read_document(self.path / name, *fields)
        except FileNotFoundError:
            return None
