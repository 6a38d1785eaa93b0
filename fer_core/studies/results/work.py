"""The work for each kind of row. Each function returns the run's entry, or raises Halted or InputError."""

from collections.abc import Callable

from fer_core.runs.create import create_run
from fer_core.runs.find import get_run
from fer_core.runs.run import Run
from fer_core.studies.results.commands import evaluate_arguments, tell_command
from fer_core.studies.results.entries import Entry, ScoreEntry, build_entry, pick_scores
from fer_core.studies.results.job import Job
from fer_core.studies.results.members import TAG, find_ensemble, find_trained, need_runs, resolve_config
from fer_core.studies.results.rows import EnsembleRow, EvaluateRow, Row, TrainRow, list_seeds
from fer_core.studies.results.table_file import TableFile

Work = Callable[[Job, TableFile, str], Entry]


def train(job: Job, table: TableFile, fingerprint: str) -> Entry:
    """Trains the run of a seed, or continues it, and reads its report."""
    row, seed = job.row, job.seed
    assert isinstance(row, TrainRow) and seed is not None
    config = resolve_config(row, seed, table)
    run = find_trained(row, seed, table, fingerprint)
    if run is None:
        run = create_run(config, f"fer results run --only {row.name}", {TAG: row.name})
    job.train(run)
    return build_entry(run, row, seed, tell_command(row, seed, table.rows), _read_scores(job, run, row))


def evaluate(job: Job, table: TableFile, fingerprint: str) -> Entry:
    """Scores the bundled network, or a run of another row, on each split."""
    row = job.row
    assert isinstance(row, EvaluateRow)
    run = get_run(row.of) if not row.needs else _find_scored(row, job.seed, table)
    scores: dict[str, ScoreEntry] = {}
    for split in row.splits:
        document = job.call(evaluate_arguments(row, run.run_id if row.needs else row.of, split, row.dataset))
        scores[split] = pick_scores(document, row, f"{row.of} on {row.dataset}")
    entry = build_entry(
        run, row, job.seed, tell_command(row, job.seed, table.rows), scores, run.config.dataset == row.dataset
    )
    return {**entry, "dataset_fingerprint": fingerprint}


def ensemble(job: Job, table: TableFile, fingerprint: str) -> Entry:
    """Averages the runs of other rows, unless that ensemble exists."""
    row = job.row
    assert isinstance(row, EnsembleRow)
    members = [run for name in row.members for run in need_runs(table.rows[name], table)]
    made = find_ensemble(row, members)
    if made is None:
        options = ["--name", row.name, *(["--greedy"] if row.greedy else [])]
        made = get_run(job.call(["ensemble", *(run.run_id for run in members), *options])["run_id"])
    entry = build_entry(made, row, None, tell_command(row, None, table.rows), _read_scores(job, made, row))
    weights = [(member.title, member.weight) for member in made.members]
    return {**entry, "members": [{"title": title, "weight": weight} for title, weight in weights]}


WORK: dict[str, Work] = {"train": train, "evaluate": evaluate, "ensemble": ensemble}


def _read_scores(job: Job, run: Run, row: Row) -> dict[str, ScoreEntry]:
    """The scores in a finished run's report, or new evaluations if the row uses other views."""
    report = run.report or {}
    if row.views is None:
        return {split: pick_scores(report[split].to_document(), row, run.run_id) for split in report}
    documents = {s: job.call(evaluate_arguments(row, run.run_id, s, row.dataset)) for s in report}
    return {split: pick_scores(document, row, run.run_id) for split, document in documents.items()}


def _find_scored(row: EvaluateRow, seed: int | None, table: TableFile) -> Run:
    made = table.rows[row.of]
    return need_runs(made, table)[list_seeds(made, table.rows).index(seed)]
