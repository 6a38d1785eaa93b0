"""Assembling in a process of its own, `python -m fer_core.data.assemble_job FOLDER`, so that it outlives the page.

A job is a folder, `datasets/.<name>.job`: job.json (the recipe), progress.json, process.json, log.txt and, at the
end, exit.json. The process holds job.lock, which the kernel frees on any death.
"""

import shutil
import signal
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from fer_core.data.again import assemble_again, assemble_over
from fer_core.data.assemble import Progress
from fer_core.data.demo import make_demo
from fer_core.data.recipe import Recipe, read_recipe
from fer_core.errors import InputError
from fer_core.files import explain_full_disk, read_json, write_json
from fer_core.locks import is_locked
from fer_core.processes import find_process, leave_detached, record_process
from fer_core.workspace import datasets_dir

_EVERY_S = 0.2
_STARTING_S = 30  # from launching a job to its lock; one that takes longer has died


@dataclass(frozen=True)
class Assembly:
    """One job, told from its folder.

    Attributes:
        name: of the data set.
        state: running, done, stopped or failed.
        step: what it is doing.
        done: of `total`, in this step.
        total: likewise.
        eta_s: seconds this step may still take, None while that cannot be said.
        message: why it has ended.
    """

    name: str
    state: str
    step: str
    done: int
    total: int
    eta_s: float | None
    message: str


def start_assembly(recipe: Recipe | str) -> None:
    """Starts a job for a recipe, or for the drawn faces under the name given as text.

    Raises:
        InputError: when a job of that name is at work, or the disk is full.
    """
    if isinstance(recipe, str):
        _start(recipe, {"drawn": True})
    else:
        _start(recipe.name, asdict(recipe))


def start_again(name: str) -> None:
    """Starts a job that assembles the data set of that name once more (`fer_core.data.again`).

    Raises:
        InputError: as `start_assembly`.
    """
    _start(name, {"again": True})


def list_assemblies() -> list[Assembly]:
    """The jobs at work, and those that have ended and were not forgotten, by name."""
    if not datasets_dir().is_dir():
        return []
    return [_read(folder) for folder in sorted(datasets_dir().glob(".*.job"))]


def stop_assembly(name: str) -> None:
    """Asks a job to stop; what it wrote is removed, and a data set of that name stays as it was."""
    process = find_process(_folder(name) / "process.json")
    if process:
        process.send_signal(signal.SIGTERM)


def forget_assembly(name: str) -> None:
    """Removes the folder of a job that has ended."""
    if _read(_folder(name)).state != "running":
        shutil.rmtree(_folder(name), ignore_errors=True)


def _folder(name: str) -> Path:
    return datasets_dir() / f".{name}.job"


def _start(name: str, job: dict[str, Any]) -> None:
    folder = _folder(name)
    if folder.is_dir() and _read(folder).state == "running":
        raise InputError(f"The data set {name!r} is being assembled already. Wait for it, or stop it.")
    with explain_full_disk(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_json(folder / "job.json", job)
    leave_detached([sys.executable, "-m", "fer_core.data.assemble_job", str(folder)], folder / "log.txt")


def _read(folder: Path) -> Assembly:
    progress = _read_or(folder / "progress.json", {"step": "starting", "done": 0, "total": 0, "step_began": None})
    ended = _read_or(folder / "exit.json", None)
    if ended is None and not is_locked(folder / "job.lock") and not _is_starting(folder):
        ended = _read_or(
            folder / "exit.json", {"state": "failed", "message": "it ended without a word; start it again."}
        )
    eta = None
    if progress["step_began"] and progress["done"]:
        eta = (time.time() - progress["step_began"]) / progress["done"] * (progress["total"] - progress["done"])
    return Assembly(
        folder.name[1 : -len(".job")],
        ended["state"] if ended else "running",
        progress["step"],
        progress["done"],
        progress["total"],
        eta,
        ended["message"] if ended else "",
    )


def _is_starting(folder: Path) -> bool:
    try:
        return not (folder / "process.json").exists() and time.time() - folder.stat().st_mtime < _STARTING_S
    except FileNotFoundError:
        return False


def _read_or(path: Path, otherwise: Any) -> Any:
    try:
        return read_json(path)
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


class _Stopped(BaseException):
    """A person asked the job to stop."""


def _stop(number: int, frame: object) -> None:
    raise _Stopped


def _run(folder: Path) -> dict[str, str]:
    job = read_json(folder / "job.json")
    try:
        name, progress = folder.name[1 : -len(".job")], _progress_file(folder)
        if job.get("drawn"):
            make_demo(name, progress=progress)
        elif job.get("again"):
            assemble_again(name, progress)
        else:
            assemble_over(read_recipe(job), progress)
    except _Stopped:
        return {"state": "stopped", "message": "Nothing was changed."}
    except InputError as error:
        return {"state": "failed", "message": str(error)}
    except Exception as error:  # the log has the trace; the page needs a sentence
        traceback.print_exc()
        return {"state": "failed", "message": f"{type(error).__name__}: {error}. The log is {folder / 'log.txt'}."}
    return {"state": "done", "message": ""}


def main(folder: Path) -> None:
    """Does the job in `folder`."""
    with FileLock(folder / "job.lock"):
        signal.signal(signal.SIGTERM, _stop)
        record_process(folder / "process.json")
        write_json(folder / "exit.json", _run(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
