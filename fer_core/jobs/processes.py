"""Detached processes, how they are found again, and locks that show whether one is alive."""

import fcntl
import multiprocessing
import os
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from fer_core.base.files import UnreadableError, as_number, read_document, write_json
from fer_core.base.project import ROOT

# How long a compute thread waits awake for the others. With OpenMP's default, two threads beside one other busy
# process trained at 67 faces/s; with this count 103, and at 222 instead of 265 where nothing else ran.
_SPIN_COUNT = "3000"
_STARTING_S = 30  # from a launch to the lock, where launched.json is of version 0.1 and does not name the process
_MAX_PID = 2**31 - 1  # of pid_t


def start_detached(command: list[str], log: str | Path) -> subprocess.Popen[bytes]:
    """Starts a process in its own session, without input, with its output appended to `log`."""
    with Path(log).open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=child_environment(),
        )


def child_environment() -> dict[str, str]:
    """The environment for a Python process that finds this package from any working directory."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "GOMP_SPINCOUNT": _SPIN_COUNT,
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }


def leave_detached(command: list[str], log: str | Path) -> subprocess.Popen[bytes]:
    """Like `start_detached`, for a process that no one waits for."""
    child = start_detached(command, log)
    threading.Thread(
        target=child.wait, daemon=True
    ).start()  # else it would stay a zombie as long as this process lives
    return child


def record_process(path: Path, launched: bool = False) -> None:
    """Writes this process's id and start time; with `launched`, also those of its parent process."""
    me = psutil.Process()
    known = _identify(me)
    launcher = me.parent() if launched else None
    write_json(path, {**known, "launcher": _identify(launcher)} if launcher else known)


def record_child(path: Path, child: subprocess.Popen[bytes] | None) -> None:
    """Records a launched process and the time."""
    found: dict[str, int | float] = {}
    if child is not None:
        try:
            found = _identify(psutil.Process(child.pid))
        except psutil.NoSuchProcess:  # it has ended already
            found = {"pid": child.pid, "created": 0.0}
    write_json(path, {"time": time.time(), **found})


def find_launched(folder: Path) -> psutil.Process | None:
    """The process of launched.json while it has not written process.json, or None."""
    if (folder / "process.json").is_file():
        return None
    process = _find(_read_launched(folder))
    with suppress(psutil.NoSuchProcess):
        return process if process and process.status() != psutil.STATUS_ZOMBIE else None
    return None


def is_starting(folder: Path) -> bool:
    """Whether a process was launched for the job and is about to start working."""
    if find_launched(folder):
        return True
    launched = _read_launched(folder)
    if "pid" in launched or (folder / "process.json").is_file():
        return False
    since = as_number(launched.get("time"))
    return since is not None and abs(time.time() - since) < _STARTING_S


def find_process(path: Path) -> psutil.Process | None:
    """The process recorded in `path`, or None."""
    try:
        return _find(read_document(path, "pid", "created"))
    except FileNotFoundError:
        return None


def find_family(path: Path) -> list[psutil.Process]:
    """The living ones of the process recorded in `path`, its launcher, and all their children, launcher first.

    Each rank that torchrun starts has a session of its own, so that no signal to a process group reaches them all.
    """
    try:
        known = read_document(path, "pid", "created")
    except FileNotFoundError:
        return []
    launcher = known.get("launcher") if isinstance(known, dict) else None
    family: dict[psutil.Process, None] = {}  # in the order of finding, each once
    for root in filter(None, (_find(launcher), _find(known))):
        with suppress(psutil.NoSuchProcess):
            family.update(dict.fromkeys([root, *root.children(recursive=True)]))
    return list(family)


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock file; the kernel frees it however the process ends.

    The check uses a shared lock, so that two simultaneous checks do not mistake each other for the holder.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place would wait for a writer
    except PermissionError:
        raise
    except OSError:  # missing, a socket, or a link to itself: no process can hold it
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the latter on some shared disks
        return True
    finally:
        os.close(file)
    return False


def end_with_parent() -> None:
    """A pool initializer: ends this worker process when its parent ends, even by a kill.

    Without it, a pool's processes would wait for work forever after their parent has ended.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "this process was not started by multiprocessing"

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _identify(process: psutil.Process) -> dict[str, int | float]:
    return {"pid": process.pid, "created": process.create_time()}


def _read_launched(folder: Path) -> dict[str, Any]:
    """The contents of launched.json; empty if it is missing or damaged: then no process is known."""
    try:
        return read_document(folder / "launched.json")
    except (FileNotFoundError, UnreadableError):
        return {}


def _find(known: object) -> psutil.Process | None:
    """The process for a result of `_identify`, or None; its start time guards against reused ids."""
    if not isinstance(known, dict):
        return None
    pid, created = known.get("pid"), as_number(known.get("created"))
    if type(pid) is not int or not 0 < pid <= _MAX_PID or created is None:  # True is an int, too
        return None
    try:
        process = psutil.Process(pid)
        return process if process.create_time() == created else None
    except psutil.NoSuchProcess:
        return None
