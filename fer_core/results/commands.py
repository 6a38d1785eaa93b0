"""What a person calls to get a row's figures without the table: shown beside them, and for evaluations what is run."""

import json
import shlex
from typing import Any

from fer_core.results.rows import EnsembleRow, EvaluateRow, Row, TrainRow


def tell_command(row: Row, seed: int | None) -> str:
    """The command of one run of the row; of an evaluation, that of its last split; empty for figures from earlier."""
    if isinstance(row, TrainRow):
        preset = ["--preset", row.preset] if row.preset else []
        settings = [part for field, value in row.set.items() for part in ("--set", f"{field}={_write(value)}")]
        seeded = ["--seed", str(row.seeds[0] if seed is None else seed)]
        return shlex.join(["fer", "train", "--dataset", row.dataset, *preset, *seeded, *settings])
    if isinstance(row, EvaluateRow):
        return shlex.join(["fer", *evaluate_arguments(row, row.of, row.splits[-1], row.dataset)])
    if isinstance(row, EnsembleRow):
        return shlex.join(["fer", "ensemble", *row.members, *(["--greedy"] if row.greedy else [])])
    return row.recorded[0].command if row.recorded else ""


def evaluate_arguments(row: Row, run_id: str, split: str, dataset: str) -> list[str]:
    """What `fer` is given to score a run as the row says."""
    views = ["--views", row.views] if row.views else []
    head = ["--head", row.head] if row.head != "labels" else []
    return ["evaluate", run_id, "--dataset", dataset, "--split", split, *head, *views]


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
