"""Trainings in the queue, and what tells that one is at work."""

from filelock import FileLock

from fer_core.runners import local
from fer_core.runs.config import build_config
from fer_core.runs.run import split_metrics

LONG = 5000  # epochs that no test waits for


def config(epochs, **values):
    return build_config(
        {"dataset": "tiny", "model": "compact_small", "input_px": 24, "epochs": epochs, "batch_size": 4, "threads": 1,
         "device": "cpu", "precision": "float32", "memory_format": "channels_last", **values}
    )  # fmt: skip


def trained(run):
    return bool(split_metrics(run.metrics())[0])


def supervisor_is_gone(run):
    lock = FileLock(local.supervisor_lock("cpu", run.path.parent))
    lock.acquire(timeout=30)
    lock.release()
