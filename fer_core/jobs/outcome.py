"""The outcome of a job: turns an exception into the state and the message for exit.json."""

import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from fer_core.errors import InputError
from fer_core.jobs.state import State


class Stopped(BaseException):
    """Raised when the job was asked to stop; not an Exception, so that `except Exception` does not catch it."""


class Outcome:
    """The outcome of work inside `catch()`, which sets the messages for a finished or stopped job.

    Attributes:
        state: stopped, failed or finished, once it has ended.
        message: shown to users.
        if_stopped: the message if it is stopped.
    """

    def __init__(self, log: Path | None = None) -> None:
        self.state = State.FINISHED
        self.message = ""
        self.if_stopped = State.STOPPED.text
        self._log = log
        self._is_asked = False  # by a signal
        self._is_open = False  # inside `catch()`, where a signal may interrupt

    @contextmanager
    def catch(self) -> Iterator[None]:
        """Records how the block ended; only KeyboardInterrupt and the like are raised again."""
        try:
            try:
                self._is_open = True
                if self._is_asked:
                    raise Stopped
                yield
            finally:
                self._is_open = False  # how it ended is being written: a signal now comes too late
        except Stopped:
            self.state, self.message = State.STOPPED, self.if_stopped
        except InputError as error:
            self.state, self.message = State.FAILED, str(error)
        except Exception as error:  # the log has the trace; a page needs a sentence
            traceback.print_exc()
            where = f"The log is {self._log}." if self._log else "The log has the details."
            self.state, self.message = State.FAILED, f"{type(error).__name__}: {error}. {where}"
        except BaseException as error:
            self.state, self.message = State.FAILED, f"Ended by {type(error).__name__}."
            raise

    @contextmanager
    def interrupted_by_sigterm(self) -> Iterator[None]:
        """A context in which SIGTERM raises Stopped: at once inside `catch()`, otherwise when it is entered."""
        if threading.current_thread() is not threading.main_thread():
            yield  # only the main thread gets signals
            return
        earlier = signal.signal(signal.SIGTERM, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, earlier)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._is_asked = True
        if self._is_open:
            self._is_open = False  # once
            raise Stopped
