"""A job for the tests, `python -m tests.helpers.waiting_job FOLDER`: it waits to be stopped, or ends at once."""

import sys
import threading
from pathlib import Path

from fer_core.jobs.folder import run_job


def work(job, progress):
    progress("waiting", 0, 1)
    if job["wait"]:
        threading.Event().wait()


if __name__ == "__main__":
    run_job(Path(sys.argv[1]), work)
