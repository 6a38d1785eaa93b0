"""A run's scores on a later version of its data set, stored in addition to its report. No torch here.

`evaluations/<first 16 digits of the version's fingerprint>/` in the run's folder has a report.json and a
predictions.parquet like the run itself.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.runs.run import Run

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo


def evaluation_folder(run: Run, fingerprint: str) -> Path:
    """The folder for scores on the data set of that fingerprint; it may not exist."""
    return run.path / "evaluations" / fingerprint[:16]


def find_evaluation(run: Run, fingerprint: str) -> Path | None:
    """The folder with scores on the data set of that fingerprint: the run's, a later evaluation's, or None."""
    if fingerprint == run.fingerprint:
        return run.path
    folder = evaluation_folder(run, fingerprint)
    return folder if (folder / "report.json").is_file() else None


def describe_change(info: "DatasetInfo", fingerprint: str, what: str) -> str | None:
    """A sentence that the data set has changed since it was scored; None if it is the same.

    Args:
        info: `dataset.json` of the current data set.
        fingerprint: of the scored data set.
        what: "run" or "cross-validation", whichever was scored.
    """
    if info.fingerprint == fingerprint:
        return None
    return (
        f"The data set {info.name} was assembled again after this {what}. The scores are for the earlier version; "
        "faces that have since been removed from it are not shown."
    )
