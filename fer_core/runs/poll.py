"""Is anyone at work on a run? What its runner says is a hint, for the run's folder is the truth.

On this machine the kernel's lock answers. Between machines it may not: the node's lock on a shared disk is not
always seen elsewhere, so that a run on Slurm is also asked after with squeue, once for all runs of a person.
"""

import subprocess
import time
from pathlib import Path
from typing import Any

from fer_core.jobs.processes import is_locked

_ASK_EVERY_S = 5.0
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT")

_answers: dict[int, tuple[float, dict[str, str] | None]] = {}  # uid -> when squeue was asked, and its jobs


def poll(folder: Path, slurm: dict[str, Any] | None) -> str | None:
    """`running`, `queued`, `gone`, or None when only the folder can tell.

    Args:
        folder: of the run.
        slurm: the run's `slurm.json`; None for a run of this machine.
    """
    if is_locked(folder / "alive.lock"):
        return "running"
    if slurm is None or "job_id" not in slurm:
        return None
    jobs = _list_jobs(slurm["uid"], slurm["submitted"])
    if jobs is None:
        return None
    state = jobs.get(slurm["job_id"])
    if state is None:
        return "gone"
    return "queued" if state in _WAITING else "running"


def _list_jobs(uid: int, since: float) -> dict[str, str] | None:
    """Job id -> Slurm's state, as told after `since` and less than _ASK_EVERY_S ago; None without an answer."""
    asked, jobs = _answers.get(uid, (0.0, None))
    now = time.time()
    if asked <= since or now - asked > _ASK_EVERY_S:
        jobs = _ask(uid)
        _answers[uid] = (now, jobs)
    return jobs


def _ask(uid: int) -> dict[str, str] | None:
    command = ["squeue", "--array", "--noheader", "--format=%i %T", f"--user={uid}"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return dict(line.split() for line in answer.stdout.splitlines())
