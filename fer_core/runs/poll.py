"""Does Slurm know of a run? It is asked with squeue, once for all runs of a person.

On this machine the lock in a run's folder says whether anyone is at work. Between machines it may not: a node's lock
on a shared disk is not always seen elsewhere.
"""

import subprocess
import time
from typing import Any

from fer_core.jobs.state import State

_ASK_EVERY_S = 5.0
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT")

_answers: dict[int, tuple[float, dict[str, str] | None]] = {}  # uid -> when squeue was asked, and its jobs


def ask_slurm(slurm: dict[str, Any]) -> State | None:
    """`running`, `queued`, `lost` when Slurm knows nothing of the job any more, or None without an answer.

    Args:
        slurm: the run's `slurm.json`, with no job before it was sent.
    """
    if not {"job_id", "uid", "submitted"} <= slurm.keys():
        return None
    jobs = _list_jobs(slurm["uid"], slurm["submitted"])
    if jobs is None:
        return None
    state = jobs.get(slurm["job_id"])
    if state is None:
        return State.LOST
    return State.QUEUED if state in _WAITING else State.RUNNING


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
