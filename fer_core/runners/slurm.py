"""Runs on a Slurm cluster, submitted with submitit (an optional extra).

`slurm.json` in a run's folder contains the request and, once submitted, the job. Site-specific settings
such as accounts are taken from the environment as usual: SBATCH_ACCOUNT, SBATCH_QOS, SBATCH_CONSTRAINT.
The workspace must be on a disk that the nodes share.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fer_core.base.files import write_json
from fer_core.errors import InputError
from fer_core.jobs.state import State
from fer_core.runners.base import KILLED
from fer_core.runners.slurm_task import train_on_node
from fer_core.runs.config import TrainConfig
from fer_core.runs.run import Run


@dataclass(frozen=True, kw_only=True)
class SlurmOptions:
    """The Slurm request of one run."""

    partition: str | None = None  # None: the cluster's default
    time_min: int = 240  # of one job, minutes, warned 90 s before their end; a longer training goes on in the next
    gpus: int = 0  # on one node
    cpus: int = 4
    memory_gb: float | None = None  # None: the cluster's default
    parallel: int = 16  # runs of one array that train at the same time


def place(config: TrainConfig, options: SlurmOptions) -> TrainConfig:
    """The config with `auto` replaced by the requested Slurm device instead of this machine's devices."""
    if config.device != "auto":
        return config
    return config.model_copy(update={"device": "cuda" if options.gpus else "cpu"})


def write_options(run: Run, options: SlurmOptions) -> None:
    """Marks the run for Slurm, without a job yet."""
    write_json(run.path / "slurm.json", {"options": asdict(options)})


def start(runs: Sequence[Run]) -> None:
    """Submits the runs to Slurm; several runs become one job array with the options of the first.

    Raises:
        InputError: if submitit or Slurm is missing, or Slurm refuses the runs.
    """
    _check_slurm()
    options = _read_options(runs[0])
    for run in runs:
        _scancel(run)  # no earlier job of it goes on beside the new one
        write_options(run, options)
    for run, job_id in zip(runs, _send(runs, options), strict=True):
        job = {"options": asdict(options), "job_id": job_id, "uid": os.getuid(), "submitted": time.time()}
        write_json(run.path / "slurm.json", job)


def cancel(run: Run) -> None:
    """Cancels a pending job; for a running one, Slurm sends SIGTERM and kills it after KillWait, by default 30 s."""
    _scancel(run)


def kill(run: Run) -> None:
    """Kills all of the job's processes."""
    _scancel(run, "--signal=KILL", "--full")
    run.job.end_if_dead(State.STOPPED, KILLED)


def _read_options(run: Run) -> SlurmOptions:
    known = {field.name for field in fields(SlurmOptions)}  # a newer version may have written more
    return SlurmOptions(**{name: value for name, value in _job(run)["options"].items() if name in known})


def _send(runs: Sequence[Run], options: SlurmOptions) -> list[str]:
    """The job ids, in the order of the runs."""
    import submitit  # an extra

    executor = submitit.SlurmExecutor(_submitit_folder(runs))
    executor.update_parameters(**_sbatch_parameters(options))
    try:
        with executor.batch():
            jobs = [executor.submit(train_on_node, str(run.path)) for run in runs]
    except (submitit.core.utils.UncompletedJobError, submitit.core.utils.FailedSubmissionError) as error:
        reason = str(error).strip().rpartition("error: ")[2]
        raise InputError(f"Slurm refused the job: {reason}. Change the request and submit it again.") from error
    return [job.job_id for job in jobs]


def _sbatch_parameters(options: SlurmOptions) -> dict[str, Any]:
    asked = {
        "job_name": "fer",
        "partition": options.partition,
        "time": options.time_min,
        "cpus_per_task": options.cpus,
        "gpus_per_node": options.gpus or None,
        "mem": options.memory_gb and f"{round(options.memory_gb * 1024)}MB",
        "array_parallelism": options.parallel,
        "stderr_to_stdout": True,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _submitit_folder(runs: Sequence[Run]) -> Path:
    """The folder of submitit's files: in the run; for an array outside its runs, since each of them may be deleted."""
    first = runs[0].path
    return first / "slurm" if len(runs) == 1 else first.parent / ".slurm" / first.name


def _job(run: Run) -> Mapping[str, Any]:
    job = run.slurm
    assert job is not None, run.path
    return job


def _check_slurm() -> None:
    if find_spec("submitit") is None:
        raise InputError("Slurm needs the package submitit. Run pip install submitit and submit again.")
    for command in ("sbatch", "srun", "squeue", "scancel"):
        if shutil.which(command) is None:
            raise InputError(f"{command} is not installed on this machine. Log in to the cluster's submit machine.")


def _scancel(run: Run, *arguments: str) -> None:
    """Calls scancel for the run's job, if there is one; Slurm may no longer know it."""
    job_id = _job(run).get("job_id")
    if job_id is None:
        return
    try:
        subprocess.run(["scancel", *arguments, job_id], capture_output=True, text=True, timeout=60, check=True)
    except OSError as error:
        raise InputError("scancel is not installed on this machine. Log in to the cluster's submit machine.") from error
    except subprocess.TimeoutExpired as error:
        raise InputError("Slurm does not respond. Try again when scontrol ping reports that it is up.") from error
    except subprocess.CalledProcessError as error:
        raise InputError(f"Slurm refused: {error.stderr.strip()}. Check the job with squeue.") from error
