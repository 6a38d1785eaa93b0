"""The commands that reproduce a row's scores; shown with them, and run for evaluations."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

from fer_core.studies.results.rows import EnsembleRow, EvaluateRow, Row, TrainRow, list_titles, name_title


def tell_command(row: Row, seed: int | None, rows: Mapping[str, Row]) -> str:
    """The command of one run of the row; for an evaluation, that of its last split; empty for recorded scores.

    Runs of other rows are named by the titles that the commands of those rows give them.

    Args:
        row: the row of the run.
        seed: of the run; None: the only or the first one.
        rows: by name, all of the file.
    """
    is_needed = any(row.name in other.needs for other in rows.values())
    if isinstance(row, TrainRow):
        preset = ["--preset", row.preset] if row.preset else []
        settings = [part for field, value in row.set.items() for part in ("--set", f"{field}={_write(value)}")]
        seed = row.seeds[0] if seed is None else seed
        named = ["--name", row.run_title(seed)] if is_needed else []
        return shlex.join(["fer", "train", "--dataset", row.dataset, *preset, "--seed", str(seed), *named, *settings])
    if isinstance(row, EvaluateRow):
        run_id = name_title(rows[row.of], seed) if row.needs else row.of
        return shlex.join(["fer", *evaluate_arguments(row, run_id, row.splits[-1], row.dataset)])
    if isinstance(row, EnsembleRow):
        titles = [title for name in row.members for title in list_titles(rows[name])]
        named = ["--name", row.name] if is_needed else []
        return shlex.join(["fer", "ensemble", *titles, *named, *(["--greedy"] if row.greedy else [])])
    return row.recorded[0].command if row.recorded else ""


def evaluate_arguments(row: Row, run_id: str, split: str, dataset: str) -> list[str]:
    """The arguments of `fer` that score a run as the row asks."""
    views = ["--views", row.views] if row.views else []
    head = ["--head", row.head] if row.head != "labels" else []
    return ["evaluate", run_id, "--dataset", dataset, "--split", split, *head, *views]


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
