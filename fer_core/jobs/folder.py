"""Work in a process of its own that outlives the page, told from a folder.

The folder has job.json (what to do), progress.json, process.json, log.txt and, at the end, exit.json. The process
holds job.lock, which the kernel frees on any death.
"""

import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from fer_core.base.files import explain_full_disk, read_document, write_json
from fer_core.errors import InputError
from fer_core.jobs.processes import find_process, is_locked, leave_detached, record_process

Progress = Callable[[str, int, int], None]
_EVERY_S = 0.2
_STARTING_S = 30  # from launching a job to its lock; one that takes longer has died


@dataclass(frozen=True)
class JobState:
    """One job, told from its folder.

    Attributes:
        state: running, done, stopped or failed.
        step: what it is doing.
        done: of `total`, in this step.
        total: likewise.
        eta_s: seconds this step may still take, None while that cannot be said.
        message: why it has ended.
    """

    state: str
    step: str
    done: int
    total: int
    eta_s: float | None
    message: str


def start_job(folder: Path, module: str, job: dict[str, Any]) -> None:
    """Starts `python -m module folder` in the background, in place of a job of that folder that has ended.

    Args:
        folder: of the job.
        module: whose main calls `run_job(folder, ...)`.
        job: what `run_job` hands to the work.

    Raises:
        InputError: when the disk is full.
    """
    with explain_full_disk(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_json(folder / "job.json", job)
    leave_detached([sys.executable, "-m", module, str(folder)], folder / "log.txt")


def read_job(folder: Path) -> JobState:
    """How the job of a folder stands; one of which a file cannot be read has failed."""
    try:
        return _read_job(folder)
    except InputError as error:
        return JobState("failed", "", 0, 0, None, str(error))


def _read_job(folder: Path) -> JobState:
    begun = {"step": "starting", "done": 0, "total": 0, "step_began": None}
    progress = _read_or(folder / "progress.json", begun, *begun)
    ended = _read_or(folder / "exit.json", None, "state", "message")
    if ended is None and not is_locked(folder / "job.lock") and not _is_starting(folder):
        ended = _read_or(
            folder / "exit.json",
            {"state": "failed", "message": "it ended without a word; start it again."},
            "state",
            "message",
        )
    eta = None
    if progress["step_began"] and progress["done"]:
        eta = (time.time() - progress["step_began"]) / progress["done"] * (progress["total"] - progress["done"])
    return JobState(
        ended["state"] if ended else "running",
        progress["step"],
        progress["done"],
        progress["total"],
        eta,
        ended["message"] if ended else "",
    )


def stop_job(folder: Path) -> None:
    """Asks a job to stop."""
    process = find_process(folder / "process.json")
    if process:
        process.send_signal(signal.SIGTERM)


def forget_job(folder: Path) -> None:
    """Removes the folder of a job that has ended."""
    if read_job(folder).state != "running":
        shutil.rmtree(folder, ignore_errors=True)


def run_job(folder: Path, work: Callable[[dict[str, Any], Progress], object]) -> None:
    """Calls work(job, progress) in this process, and writes how it ended."""
    with FileLock(folder / "job.lock"):
        signal.signal(signal.SIGTERM, _stop)
        record_process(folder / "process.json")
        write_json(folder / "exit.json", _run(folder, work))


class _Stopped(BaseException):
    """A person asked the job to stop."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped


def _run(folder: Path, work: Callable[[dict[str, Any], Progress], object]) -> dict[str, str]:
    try:
        work(read_document(folder / "job.json"), _progress_file(folder))
    except _Stopped:
        return {"state": "stopped", "message": "Nothing was changed."}
    except InputError as error:
        return {"state": "failed", "message": str(error)}
    except Exception as error:  # the log has the trace; the page needs a sentence
        traceback.print_exc()
        return {"state": "failed", "message": f"{type(error).__name__}: {error}. The log is {folder / 'log.txt'}."}
    return {"state": "done", "message": ""}


def _is_starting(folder: Path) -> bool:
    try:
        return not (folder / "process.json").exists() and time.time() - folder.stat().st_mtime < _STARTING_S
    except FileNotFoundError:
        return False


def _read_or(path: Path, otherwise: Any, *fields: str) -> Any:
    try:
        return read_document(path, *fields)
    except FileNotFoundError:
        return otherwise


def _progress_file(folder: Path) -> Progress:
    last_step, step_began, written = "", 0.0, 0.0

    def write(step: str, done: int, total: int) -> None:
        nonlocal last_step, step_began, written
        now = time.time()
        if step != last_step:
            last_step, step_began = step, now
        elif now - written < _EVERY_S:
            return
        written = now
        write_json(folder / "progress.json", {"step": step, "done": done, "total": total, "step_began": step_began})

    return write
