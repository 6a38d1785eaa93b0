"""A run's scores on a later version of its data set, kept beside the report of its training. No torch here.

`evaluations/<first 16 digits of the version's fingerprint>/` in the run's folder has a report.json and a
predictions.parquet as the run itself has.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.runs.run import Run

if TYPE_CHECKING:
    from fer_core.datasets.info import DatasetInfo


def evaluation_folder(run: Run, fingerprint: str) -> Path:
    """Where the scores on the data set of that fingerprint are kept, if they are."""
    return run.path / "evaluations" / fingerprint[:16]


def find_evaluation(run: Run, fingerprint: str) -> Path | None:
    """The folder with the scores on the data set of that fingerprint: the run's own, a later one's, or None."""
    if fingerprint == run.fingerprint:
        return run.path
    folder = evaluation_folder(run, fingerprint)
    return folder if (folder / "report.json").is_file() else None


def describe_change(info: "DatasetInfo", fingerprint: str, what: str) -> str | None:
    """Says that the data set is another one than the scores shown are about; None where it is the same.

    Args:
        info: `dataset.json` of the data set now.
        fingerprint: of the data set that was scored.
        what: was scored: "run" or "cross-validation".
    """
    if info.fingerprint == fingerprint:
        return None
    return (
        f"The data set {info.name} was assembled again after this {what}. The scores are for the earlier version; "
        "faces that it no longer has are not shown."
    )
