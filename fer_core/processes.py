"""Processes that outlive what started them, and how they are found again."""

import os
import subprocess
import threading
from pathlib import Path

import psutil

from fer_core.files import read_json, write_json

# How long a compute thread waits awake for the others. With OpenMP's default, two threads beside one other busy
# process trained at 67 faces/s; with this count 103, and at 222 instead of 265 where nothing else ran.
_SPIN_COUNT = "3000"


def start_detached(command: list[str], log: str | Path) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own, without input, its output added to `log`."""
    package_parent = str(Path(__file__).resolve().parents[1])
    paths = [package_parent, *filter(None, [os.environ.get("PYTHONPATH")])]
    with Path(log).open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={
                "GOMP_SPINCOUNT": _SPIN_COUNT,
                **os.environ,
                "PYTHONPATH": os.pathsep.join(paths),
                "PYTHONUNBUFFERED": "1",
            },
        )


def leave_detached(command: list[str], log: str | Path) -> None:
    """`start_detached`, for a process that nobody waits for."""
    child = start_detached(command, log)
    threading.Thread(
        target=child.wait, daemon=True
    ).start()  # else it would stay a zombie as long as this process lives


def record_process(path: Path) -> None:
    """Writes this process's id and the time of its start."""
    me = psutil.Process()
    write_json(path, {"pid": me.pid, "created": me.create_time()})


def find_process(path: Path) -> psutil.Process | None:
    """The process that `path` tells of, or None; the time of its start guards against an id used again."""
    try:
        told = read_json(path)
        process = psutil.Process(told["pid"])
        return process if process.create_time() == told["created"] else None
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None
