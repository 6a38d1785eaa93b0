"""Asks Slurm for the state of runs, with one squeue call for all runs of a user.

On this machine the lock in a run's folder shows whether a process is working on it. Between machines it may not: a
node's lock on a shared disk is not always visible elsewhere.
"""

import subprocess
import time
from typing import Any

from pydantic import Field, FiniteFloat

from fer_core.base.documents import Document
from fer_core.jobs.state import State

_ASK_EVERY_S = 5.0
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT")

_answers: dict[int, tuple[float, dict[str, str] | None]] = {}  # uid -> when squeue was asked, and its jobs


class SlurmJob(Document):
    """`slurm.json`; only `options` is set before the job was submitted.

    Attributes:
        options: the request, with the fields of `fer_core.runners.slurm.SlurmOptions`.
        job_id: Slurm's id.
        uid: of the user who submitted it.
        submitted: when, seconds since 1970.
    """

    options: dict[str, Any]
    job_id: str = Field(default="", pattern=r"^\d+(_\d+)?$")
    uid: int = Field(default=0, ge=0, lt=2**32)
    submitted: FiniteFloat = 0.0


def ask_slurm(slurm: dict[str, Any]) -> State | None:
    """`running`, `queued`, `lost` if Slurm no longer knows the job, or None without an answer.

    Args:
        slurm: the run's `slurm.json`, without a job before it was submitted.
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
    """Job id -> Slurm's state, obtained after `since` and less than _ASK_EVERY_S ago; None without an answer."""
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
